import { writerRole } from './writer.ts'

await writerRole()
