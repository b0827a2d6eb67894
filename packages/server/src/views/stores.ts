import { existsSync } from 'node:fs'
import type { LogReader, StateReader } from '@millrace/storage'
import { FileLogReader, SqliteStateStore } from '@millrace/storage/engines'
import type { DataFolder } from '../data-folder.ts'

/** What the control process reads of the other processes' stores. */
export interface Stores extends AsyncDisposable {
  log: LogReader
  resolve: SqliteStateStore
  /** Undefined until the delivery process has made its state. */
  delivery(): SqliteStateStore | undefined
  /**
   * Reads both states so that they fit together: delivery first. Its cursors are then never ahead of what the resolve
   * stage is seen to have done, and the ledger balances at any instant.
   */
  together<T>(read: (delivery: StateReader, resolve: StateReader) => Promise<T>): Promise<T>
}

export const openStores = async (folder: DataFolder): Promise<Stores> => {
  const log = await FileLogReader.open(folder.log)
  const resolve = SqliteStateStore.open({ path: folder.resolveState, readOnly: true })
  let delivery: SqliteStateStore | undefined
  const openDelivery = (): SqliteStateStore | undefined => {
    if (delivery === undefined && existsSync(folder.deliveryState)) {
      delivery = SqliteStateStore.open({ path: folder.deliveryState, readOnly: true })
    }
    return delivery
  }
  return {
    log,
    resolve,
    delivery: openDelivery,
    together: (read) => {
      const store = openDelivery()
      if (store === undefined) return resolve.snapshot((resolved) => read(nothing, resolved))
      return store.snapshot((delivered) => resolve.snapshot((resolved) => read(delivered, resolved)))
    },
    [Symbol.asyncDispose]: async () => {
      await log[Symbol.asyncDispose]()
      await resolve[Symbol.asyncDispose]()
      await delivery?.[Symbol.asyncDispose]()
    },
  }
}

/** The state of a stage that has not begun. */
const nothing: StateReader = {
  get: async () => undefined,
  scan: async () => [],
  floor: async () => undefined,
  counters: async () => new Map(),
  cursor: async () => undefined,
}
