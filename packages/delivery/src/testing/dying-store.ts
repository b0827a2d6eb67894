import type { Key, StateTransaction } from '@millrace/storage'
import { MemoryStateStore } from '@millrace/testkit'

/** As a process that dies at its n-th commit: nothing is stored from then on, and the one who asks gets no answer that helps. */
export class DyingStore extends MemoryStateStore {
  readonly #store: MemoryStateStore
  readonly #stored: (space: string, key: Key) => void
  commitsLeft: number

  /** @param stored Called with each entry that a commit puts. */
  constructor(store: MemoryStateStore, commitsLeft: number, stored: (space: string, key: Key) => void = () => {}) {
    super()
    this.#store = store
    this.#stored = stored
    this.commitsLeft = commitsLeft
  }

  get isDead(): boolean {
    return this.commitsLeft < 0
  }

  override get(...entry: Parameters<MemoryStateStore['get']>): ReturnType<MemoryStateStore['get']> {
    return this.#store.get(...entry)
  }

  override scan(...range: Parameters<MemoryStateStore['scan']>): ReturnType<MemoryStateStore['scan']> {
    return this.#store.scan(...range)
  }

  override async transaction(write: (tx: StateTransaction) => void): Promise<void> {
    if (this.commitsLeft-- <= 0) {
      this.commitsLeft = -1
      throw new Error('the process is dead')
    }
    await this.#store.transaction((tx) =>
      write({
        put: (space, key, value) => {
          this.#stored(space, key)
          tx.put(space, key, value)
        },
        delete: (...entry) => tx.delete(...entry),
        deleteRange: (...range) => tx.deleteRange(...range),
        add: (...change) => tx.add(...change),
        setCursor: (...move) => tx.setCursor(...move),
        deleteCursor: (consumer) => tx.deleteCursor(consumer),
      }),
    )
  }
}
