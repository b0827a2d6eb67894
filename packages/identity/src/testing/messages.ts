import * as fc from 'fast-check'
import { Block, BlockBuilder, Fingerprinter } from '@millrace/storage'
import type { IdentityMessage } from '../collect-facts.ts'
import type { Identifier } from '../identifier.ts'

export const fingerprinter = new Fingerprinter(Buffer.from('identity'))

/** A message as a client sends it. */
export interface SentMessage {
  messageId: string
  receivedAtMs: number
  timestampMs: number
  userId?: string | undefined
  anonymousId?: string | undefined
  previousId?: string | undefined
}

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 1)

/** People on few devices over two months, with wrong clocks, placeholders and aliases, at times that tie. */
export const arbitraryMessages: fc.Arbitrary<SentMessage[]> = fc
  .array(
    fc.record({
      receivedDay: fc.integer({ min: 0, max: 60 }),
      saidDay: fc.integer({ min: -400, max: 400 }),
      userId: fc.option(fc.constantFrom('u1', 'u2', 'u3', 'null', ' u1 '), { nil: undefined }),
      anonymousId: fc.option(fc.constantFrom('a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'undefined'), { nil: undefined }),
      previousId: fc.option(fc.constantFrom('a1', 'u2', 'u3', 'guest'), { nil: undefined, freq: 8 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((messages) =>
    messages.map(({ receivedDay, saidDay, ...ids }, at) => ({
      messageId: `m${(at * 7) % 40}`,
      receivedAtMs: START_MS + receivedDay * DAY_MS,
      timestampMs: START_MS + (saidDay % 5 === 0 ? saidDay : receivedDay) * DAY_MS,
      ...ids,
    })),
  )

export const identityMessageOf = (sent: SentMessage): IdentityMessage => {
  const identifiers: Identifier[] = []
  for (const type of ['userId', 'anonymousId'] as const) {
    const value = sent[type]
    if (value !== undefined) identifiers.push({ type, value })
  }
  return { ...sent, identifiers }
}

export const blockOf = (messages: readonly SentMessage[]): Block => {
  const builder = new BlockBuilder(fingerprinter)
  const body = Buffer.from('{}')
  for (const { messageId, receivedAtMs, timestampMs, userId, anonymousId, previousId } of messages) {
    const envelope = {
      messageId,
      ...(userId !== undefined && { userId }),
      ...(anonymousId !== undefined && { anonymousId }),
      ...(previousId !== undefined && { previousId }),
      set: { timestamp: new Date(timestampMs).toISOString() },
    }
    builder.addMessage({ source: 'web', type: 'track', receivedAtMs, envelope, flags: 0 }, body, 0, body.length)
  }
  return new Block(builder.build())
}
