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

const USERS = ['u1', 'u2', 'u3', 'null', ' u1 ', undefined]
const DEVICES = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'undefined', undefined]
const PREVIOUS = ['a1', 'u2', 'u3', 'guest']
const DAYS = 61
const SAID_DAYS = 801
/** One message in nine is an alias. */
const ALIASES = PREVIOUS.length * 9

/** A message from one number, its parts taken as from dice: a tenth of the time that an arbitrary for each part would take. */
const messageOf = (number: number, at: number): SentMessage => {
  let rest = number
  const die = (sides: number): number => {
    const side = rest % sides
    rest = Math.floor(rest / sides)
    return side
  }
  const userId = USERS[die(USERS.length)]
  const anonymousId = DEVICES[die(DEVICES.length)]
  const previousId = PREVIOUS[die(ALIASES)]
  const receivedDay = die(DAYS)
  const saidDay = die(SAID_DAYS) - 400
  return {
    messageId: `m${(at * 7) % MESSAGES}`,
    receivedAtMs: START_MS + receivedDay * DAY_MS,
    timestampMs: START_MS + (saidDay % 5 === 0 ? saidDay : receivedDay) * DAY_MS,
    userId,
    anonymousId,
    previousId,
  }
}

const MESSAGES = 24

/** People on few devices over two months, with wrong clocks, placeholders and aliases, at times that tie. */
export const arbitraryMessages: fc.Arbitrary<SentMessage[]> = fc
  .array(fc.nat({ max: USERS.length * DEVICES.length * ALIASES * DAYS * SAID_DAYS - 1 }), {
    minLength: 1,
    maxLength: MESSAGES,
  })
  .map((numbers) => numbers.map(messageOf))

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
