/** For tests: `<path>`; commits cursor, counter and entry together and prints the number of each acknowledged commit. */
import { writeSync } from 'node:fs'
import { SqliteStateStore } from '../sqlite-state-store.ts'

await using store = SqliteStateStore.open({ path: process.argv[2] as string })
const first = ((await store.cursor('steps'))?.block ?? 0) + 1
// Bounded, so that a test whose parent has died ends too.
for (let number = first; number < first + 20_000; number++) {
  await store.transaction((tx) => {
    tx.put('entries', [number], Buffer.alloc(number % 3000, `${number} `))
    tx.add('steps', 1)
    tx.add('sum', number)
    tx.setCursor('steps', { block: number, index: 0 })
  })
  writeSync(1, `${number}\n`)
}
