import type { Cursor, Key, ScanOptions, StateEntry, StateStore, StateTransaction } from '@millrace/storage'
import { consumerOf, deliveryState } from '../delivery-state.ts'

/** The letters of a replay that are kept; what fails after them is counted all the same. */
export const MAX_LETTERS = 1_000

export interface AccountStoreOptions {
  state: StateStore
  /** Whose keys, counters and cursor are asked for. */
  destination: string
  /** Whose are read and written instead. */
  account: string
  /** Letters that the account has already. */
  letters: number
  /** Called after each commit that moved something. */
  committed: () => void
}

/**
 * A state store in which a destination has another account. What sends to a destination can so run a second time, beside
 * itself, and neither sees or counts what the other does. Every key of the delivery state begins with the id of its
 * destination, every counter and cursor is named after it: those parts are exchanged on the way in and out.
 */
export class AccountStore implements StateStore {
  readonly #options: AccountStoreOptions
  readonly #inward: (name: string) => string
  readonly #outward: (name: string) => string
  #letters: number

  constructor(options: AccountStoreOptions) {
    this.#options = options
    const { destination, account, letters } = options
    this.#inward = exchange(destination, account)
    this.#outward = exchange(account, destination)
    this.#letters = letters
  }

  get(space: string, key: Key): Promise<Uint8Array | undefined> {
    return this.#options.state.get(space, this.#keyIn(key))
  }

  async scan(space: string, options: ScanOptions = {}): Promise<readonly StateEntry[]> {
    const { prefix, from, to } = options
    const entries = await this.#options.state.scan(space, {
      ...options,
      ...(prefix && { prefix: this.#keyIn(prefix) }),
      ...(from && { from: this.#keyIn(from) }),
      ...(to && { to: this.#keyIn(to) }),
    })
    return entries.map((entry) => this.#entryOut(entry))
  }

  async floor(space: string, key: Key): Promise<StateEntry | undefined> {
    const entry = await this.#options.state.floor(space, this.#keyIn(key))
    return entry?.key[0] === this.#options.account ? this.#entryOut(entry) : undefined
  }

  async counters(prefix: string): Promise<ReadonlyMap<string, number>> {
    const counters = await this.#options.state.counters(this.#inward(prefix))
    return new Map([...counters].map(([name, value]) => [this.#outward(name), value]))
  }

  cursor(consumer: string): Promise<Cursor | undefined> {
    return this.#options.state.cursor(this.#inward(consumer))
  }

  async transaction(write: (tx: StateTransaction) => void): Promise<void> {
    let letters = 0
    await this.#options.state.transaction((tx) => {
      letters = 0
      write({
        put: (space, key, value) => {
          if (space === deliveryState.dead && this.#letters + letters++ >= MAX_LETTERS) return
          tx.put(space, this.#keyIn(key), value)
        },
        delete: (space, key) => tx.delete(space, this.#keyIn(key)),
        deleteRange: (space, from, to) => tx.deleteRange(space, this.#keyIn(from), this.#keyIn(to)),
        add: (counter, delta) => tx.add(this.#inward(counter), delta),
        setCursor: (consumer, cursor, options) => tx.setCursor(this.#inward(consumer), cursor, options),
        deleteCursor: (consumer) => tx.deleteCursor(this.#inward(consumer)),
      })
    })
    this.#letters += letters
    this.#options.committed()
  }

  snapshot: StateStore['snapshot'] = () => Promise.reject(new Error('an account has no snapshots of its own'))

  sync(): Promise<void> {
    return this.#options.state.sync()
  }

  /** The store belongs to others. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #keyIn(key: Key): Key {
    const { destination, account } = this.#options
    if (key[0] !== destination) throw new Error(`the key ${JSON.stringify(key)} is not one of "${destination}"`)
    return [account, ...key.slice(1)]
  }

  #entryOut({ key, value }: StateEntry): StateEntry {
    return { key: [this.#options.destination, ...key.slice(1)], value }
  }
}

/** Names of counters and cursors, and what they begin with, of one account as those of another: `hook/…`, `pruned~/hook/…`. */
const exchange = (from: string, to: string): ((name: string) => string) => {
  return (name) => {
    if (name === consumerOf(from)) return consumerOf(to)
    const at = name.startsWith(`${from}/`) ? 0 : name.indexOf('~/') + 2
    if (!name.startsWith(`${from}/`, at)) throw new Error(`"${name}" is no counter or cursor of "${from}"`)
    return name.slice(0, at) + to + name.slice(at + from.length)
  }
}
