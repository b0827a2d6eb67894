/** For tests: `<folder> <seed> <round>`; appends blocks and prints `<number> <offset>` for each acknowledged one. */
import { writeSync } from 'node:fs'
import { FileEventLog } from '../file-event-log.ts'
import { killBlock } from './kill-block.ts'

const [directory, seed, round] = process.argv.slice(2) as [string, string, string]
const log = await FileEventLog.open({ directory, segmentBytes: 256 * 1024 })
/** Appends under way at any moment. */
const APPENDS_AT_ONCE = 4
let next = 0
// Bounded, so that a test whose parent has died ends too.
const appendInTurn = async (): Promise<void> => {
  while (next < 20_000) {
    const number = next++
    const [offset] = await log.append([killBlock(Number(seed), Number(round), number)])
    writeSync(1, `${number} ${offset}\n`)
  }
}
await Promise.all(Array.from({ length: APPENDS_AT_ONCE }, appendInTurn))
