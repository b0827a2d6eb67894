import type { StateStore } from '@millrace/storage'
import type { Skip } from './skip.ts'

/** How the conformance suite gets at one engine. `Place` is what a store is opened from (a file, a database). */
export interface StateStoreDriver<Place> {
  /** A new, empty place. */
  create(): Promise<Place>
  open(place: Place): Promise<StateStore>
  /** Removes the place; its stores are closed. */
  remove(place: Place): Promise<void>
  /** Whether a store that is opened again holds what it held. */
  survivesRestart: true | Skip
  /** A program that opens a reader on `argument(place)` and runs `answerStateReads`. */
  readerProgram: { program: URL; argument: (place: Place) => string } | Skip
}

/** Opens a store in a new place for one test, and closes and removes both. */
export const withStore = async <Place>(
  driver: StateStoreDriver<Place>,
  use: (store: StateStore, place: Place) => Promise<void>,
): Promise<void> => {
  const place = await driver.create()
  try {
    await using store = await driver.open(place)
    await use(store, place)
  } finally {
    await driver.remove(place)
  }
}
