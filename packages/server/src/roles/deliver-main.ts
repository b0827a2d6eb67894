import { deliverRole } from './deliver.ts'

await deliverRole()
