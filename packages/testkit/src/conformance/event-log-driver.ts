import type { EventLog } from '@millrace/storage'
import type { Skip } from './skip.ts'

/** How the conformance suite gets at one engine. `Place` is what a log is opened from (a folder, a topic). */
export interface EventLogDriver<Place> {
  /** A new, empty place. */
  create(): Promise<Place>
  /** Opens the log there. Segments, where the engine has them, should hold a few KB, so that truncating removes some. */
  open(place: Place): Promise<EventLog>
  /** Removes the place; its logs are closed. */
  remove(place: Place): Promise<void>
  /** Whether a log that is opened again holds what it held. */
  survivesRestart: true | Skip
  /** Makes the next append to a log of this place fail as late as the engine can fail. */
  failNextAppend: ((place: Place, log: EventLog) => void) | Skip
  /** A program that opens a reader on `argument(place)` and runs `answerLogReads`. */
  readerProgram: { program: URL; argument: (place: Place) => string } | Skip
}

/** Opens a log in a new place for one test, and closes and removes both. */
export const withLog = async <Place>(
  driver: EventLogDriver<Place>,
  use: (log: EventLog, place: Place) => Promise<void>,
): Promise<void> => {
  const place = await driver.create()
  try {
    await using log = await driver.open(place)
    await use(log, place)
  } finally {
    await driver.remove(place)
  }
}
