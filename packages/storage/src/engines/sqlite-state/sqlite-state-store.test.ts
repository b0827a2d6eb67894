import { join } from 'node:path'
import { removeFolder, temporaryFolder, testStateStore } from '@millrace/testkit'
import { SqliteStateStore } from './sqlite-state-store.ts'

const pathIn = (folder: string): string => join(folder, 'state.db')

testStateStore<string>('SqliteStateStore', {
  create: temporaryFolder,
  open: async (folder) => SqliteStateStore.open({ path: pathIn(folder) }),
  remove: removeFolder,
  survivesRestart: true,
  readerProgram: { program: new URL('./testing/read-state.ts', import.meta.url), argument: pathIn },
})
