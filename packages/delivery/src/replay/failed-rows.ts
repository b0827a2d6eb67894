import type { StateReader } from '@millrace/storage'
import { deliveryState } from '../delivery-state.ts'
import type { FailedRows } from './range-feed.ts'

const PAGE = 1_000

/** The rows for which a destination has a dead letter now. */
export const failedRowsOf =
  (state: StateReader, destination: string): FailedRows =>
  async (blocks) => {
    const rows = new Set<string>()
    const [first, last] = [blocks[0], blocks.at(-1)]
    if (first === undefined || last === undefined) return rows
    for (let from: (string | number)[] = [destination, first.offset]; ;) {
      const page = await state.scan(deliveryState.dead, { from, to: [destination, last.next], limit: PAGE })
      for (const { key } of page) rows.add(`${key[1]}:${key[2]}`)
      const end = page.at(-1)
      if (page.length < PAGE || end === undefined) return rows
      from = [...end.key, 0]
    }
  }
