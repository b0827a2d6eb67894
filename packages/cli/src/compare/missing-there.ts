import type { Message } from '@millrace/protocol'
import { eventOf, storedExample } from './comparison.ts'
import type { Comparison } from './comparison.ts'
import type { IdSet } from './id-set.ts'

/** A resent message has several copies in the log and counts once; beyond so many missing ones its copies may count again. */
const maxMissingIds = 1_000_000

/** Counts the messages that the file lacks; gives how many there were in all, resent copies included. */
export async function countMissingThere(
  messages: AsyncIterable<Message>,
  ids: IdSet,
  comparison: Comparison,
): Promise<number> {
  let count = 0
  const missing = new Set<string>()
  for await (const message of messages) {
    count += 1
    const { messageId } = message
    if (ids.has(messageId) || missing.has(messageId)) continue
    if (missing.size < maxMissingIds) missing.add(messageId)
    comparison.add(eventOf(message), 'missingThere', () => storedExample(message))
  }
  return count
}
