/** For tests: `<path>`; commits cursor, counters and entries together and prints the number of each acknowledged commit. */
import { writeSync } from 'node:fs'
import { SqliteStateStore } from '../sqlite-state-store.ts'
import { ENTRIES, entryOf } from './kill-entry.ts'

await using store = SqliteStateStore.open({ path: process.argv[2] as string })
const first = ((await store.cursor('steps'))?.block ?? 0) + 1
// Bounded, so that a test whose parent has died ends too.
for (let number = first; number < first + 20_000; number++) {
  await store.transaction((tx) => {
    const put = (entry: number): void => tx.put('entries', [number, entry], entryOf(number, entry))
    // The cursor in the middle: an engine that commits it by itself is caught with much of the rest undone.
    tx.add('steps', 1)
    for (let entry = 0; entry < ENTRIES / 2; entry++) put(entry)
    tx.setCursor('steps', { block: number, index: 0 })
    for (let entry = ENTRIES / 2; entry < ENTRIES; entry++) put(entry)
    tx.add('sum', number)
  })
  writeSync(1, `${number}\n`)
}
