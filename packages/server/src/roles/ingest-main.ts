import { ingestRole } from './ingest.ts'

await ingestRole()
