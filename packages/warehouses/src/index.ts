import { duckdb } from './engines/duckdb/index.ts'

export { duckdb }
export { namings, type Naming } from './layout/naming.ts'

/** Every warehouse, by slug. */
export const warehouses = { duckdb }
