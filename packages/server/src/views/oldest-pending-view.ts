import { knownDestinations, oldestNeeded } from '@millrace/delivery'
import { Block, decodeResolution, resolveState } from '@millrace/storage'
import type { Cursor, LogReader, StateReader } from '@millrace/storage'
import type { Stores } from './stores.ts'

/**
 * When the oldest message was received that a destination has not settled. Its cursor is at the first row that is not
 * settled, and behind it there may be parked ones, so the row at the oldest of them says it: one block is read, and none while that place stays the same.
 */
export class OldestPending {
  readonly #stores: Pick<Stores, 'log' | 'together'>
  readonly #known = new Map<string, { cursor: Cursor; receivedAtMs: number }>()

  constructor(stores: Pick<Stores, 'log' | 'together'>) {
    this.#stores = stores
  }

  /** Milliseconds since 1970 by destination; null where nothing is pending. */
  read(): Promise<Map<string, number | null>> {
    return this.#stores.together(async (delivery, resolve) => {
      const end = (await resolve.cursor(resolveState.consumer))?.block ?? 0
      const oldest = new Map<string, number | null>()
      for (const { id, meta, cursor } of await knownDestinations(delivery)) {
        if (meta.removedAt !== undefined) continue
        const place = await oldestNeeded(delivery, { id, cursor }, await this.#stores.log.tail())
        oldest.set(id, await this.#at(id, place, end, resolve))
      }
      for (const id of this.#known.keys()) if (!oldest.has(id)) this.#known.delete(id)
      return oldest
    })
  }

  async #at(id: string, cursor: Cursor, end: number, resolve: StateReader): Promise<number | null> {
    const known = this.#known.get(id)
    if (known !== undefined && known.cursor.block === cursor.block && known.cursor.index === cursor.index) {
      return known.receivedAtMs
    }
    const receivedAtMs = await firstReceivedFrom(this.#stores.log, resolve, cursor, end)
    if (receivedAtMs === null) this.#known.delete(id)
    else this.#known.set(id, { cursor, receivedAtMs })
    return receivedAtMs
  }
}

/** The first message from `cursor` on that was resolved; rows that are no such message are nobody's to deliver. */
async function firstReceivedFrom(
  log: LogReader,
  resolve: StateReader,
  cursor: Cursor,
  end: number,
): Promise<number | null> {
  let offset = Math.max(cursor.block, await log.tail())
  while (offset < end) {
    const [stored] = await log.read(offset, 1)
    if (stored === undefined) return null
    const record = await resolve.get(resolveState.resolutions, [stored.offset])
    const { duplicates = [] } = record === undefined ? {} : decodeResolution(record)
    const isDuplicate = new Set(duplicates)
    const block = new Block(stored.bytes)
    for (let row = stored.offset === cursor.block ? cursor.index : 0; row < block.rowCount; row++) {
      if (block.isMessage(row) && !isDuplicate.has(row)) return block.receivedAtMs(row)
    }
    offset = stored.next
  }
  return null
}
