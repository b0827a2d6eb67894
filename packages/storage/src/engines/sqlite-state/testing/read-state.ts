/** For tests: reads the store in the given file on request, in a process of its own. */
import { answerStateReads } from '@millrace/testkit'
import { SqliteStateStore } from '../sqlite-state-store.ts'

await using store = SqliteStateStore.open({ path: process.argv[2] as string, readOnly: true })
await answerStateReads(store)
