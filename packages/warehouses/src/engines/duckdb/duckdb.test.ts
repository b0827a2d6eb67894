import { testWarehouse } from '../../conformance.ts'
import { temporaryWarehouse } from './temporary-warehouse.ts'

testWarehouse('DuckDB', temporaryWarehouse)
