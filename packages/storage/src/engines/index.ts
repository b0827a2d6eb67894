/** The engines, for the composition root alone; services see the interfaces. */
export { FileEventLog } from './file-log/file-event-log.ts'
export type { FileEventLogOptions } from './file-log/file-event-log.ts'
export { FileLogReader } from './file-log/file-log-reader.ts'
export { SqliteStateStore } from './sqlite-state/sqlite-state-store.ts'
export type { SqliteStateStoreOptions } from './sqlite-state/sqlite-state-store.ts'
