import { isJsonObject } from '@millrace/protocol'
import type { Json, Message } from '@millrace/protocol'
import { hash } from 'node:crypto'
import { eventOf } from './comparison.ts'
import { meant, readTime } from './differences.ts'
import { comparedFields } from './exported-message.ts'
import type { ExportedMessage } from './exported-message.ts'

/** About 200 MB. */
const maxMessages = 1_000_000

/**
 * Messages of the log as digests, so that one that is the same in the file need not be looked up: the log is read a hundred
 * times faster than messages are found one by one. It only ever says "equal" or nothing; what it does not know is looked up.
 */
export class KnownMessages {
  readonly #digests = new Map<string, { event: string; digest: string; timestampMs: number }>()

  /** Resolves when all are read; those over a million are left out. */
  async read(messages: AsyncIterable<Message>): Promise<number> {
    for await (const message of messages) {
      const { messageId, timestamp } = message
      // Of several copies the first counts.
      if (this.#digests.size === maxMessages || this.#digests.has(messageId)) continue
      this.#digests.set(messageId, {
        event: eventOf(message),
        digest: digestOf(message),
        timestampMs: readTime(timestamp),
      })
    }
    return this.#digests.size
  }

  /** The group that a known message is counted in. */
  eventOf(messageId: string): string | undefined {
    return this.#digests.get(messageId)?.event
  }

  /** True when the message is known and differs in nothing; false when it is not known, or may differ. */
  isSame({ messageId, fields, isComplete }: ExportedMessage, timestampToleranceMs: number): boolean {
    const known = isComplete ? this.#digests.get(messageId) : undefined
    if (known === undefined || known.digest !== digestOf(fields)) return false
    const { timestamp } = fields
    if (timestamp === undefined || timestamp === null) return true
    return typeof timestamp === 'string' && Math.abs(readTime(timestamp) - known.timestampMs) <= timestampToleranceMs
  }
}

/** Equal for messages that differ in no compared field but the timestamp. */
const digestOf = (fields: { readonly [field: string]: Json | undefined }): string => {
  const values = comparedFields.map((field) => (field === 'timestamp' ? null : sorted(meant(field, fields[field]))))
  return hash('sha256', JSON.stringify(values), 'base64').slice(0, 16)
}

const sorted = (value: Json | undefined): Json => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value ?? null
  // As a list of pairs: `__proto__` is an ordinary key here, and an object stays different from a list of values.
  const keys = Object.keys(value).sort()
  return { pairs: keys.map((key) => [key, sorted(value[key])]) }
}
