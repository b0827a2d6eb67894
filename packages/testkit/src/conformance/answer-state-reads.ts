import type { Cursor, StateReader } from '@millrace/storage'
import { answerRequests } from '../child-program.ts'

/** What `answerStateReads` prints for one request. */
export interface StateReadAnswer {
  cursor: Cursor | null
  counters: Record<string, number>
  /** The number of entries in the space `shared`. */
  entries: number
}

/** For an engine's reader program: answers each line `<consumer>` with a `StateReadAnswer` as JSON. */
export const answerStateReads = async (reader: StateReader): Promise<void> => {
  await answerRequests(async (consumer) => {
    const answer: StateReadAnswer = {
      cursor: (await reader.cursor(consumer)) ?? null,
      counters: Object.fromEntries(await reader.counters('')),
      entries: (await reader.scan('shared')).length,
    }
    return JSON.stringify(answer)
  })
}
