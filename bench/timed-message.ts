import { personOf } from './message.ts'

/** Messages of many events that carry the moment at which they were sent, so that a receiver can say how long they took. */
export const EVENT_DIGITS = 6
export const eventOf = (number: number): string => `Timed ${String(number).padStart(EVENT_DIGITS, '0')}`
/** What the generator looks for, to write the digits of each message. */
export const EVENT = eventOf(0)

export const SENT_AT_DIGITS = 16
const SENT_AT_PREFIX = 'sent-at-'
export const SENT_AT = `${SENT_AT_PREFIX}${'0'.repeat(SENT_AT_DIGITS)}`

/** A track event of about 300 bytes. */
export const timedMessage = (messageId: string): object => ({
  type: 'track',
  event: EVENT,
  messageId,
  anonymousId: personOf(messageId),
  timestamp: '2026-11-23T10:00:00.000Z',
  properties: { sent: SENT_AT, section: 'reviews' },
  context: { page: { path: '/products/mug' }, library: { name: 'analytics.js', version: '2.11.1' } },
})

/** The one clock of all processes of this machine. */
export const monotonicMicros = (): number => Number(process.hrtime.bigint() / 1000n)

/** When each message of a body was sent, as `monotonicMicros` of its sender. */
export const sentTimes = (body: Buffer): number[] => {
  const times: number[] = []
  for (let at = body.indexOf(SENT_AT_PREFIX); at !== -1; at = body.indexOf(SENT_AT_PREFIX, at + 1)) {
    const start = at + SENT_AT_PREFIX.length
    times.push(Number(body.toString('latin1', start, start + SENT_AT_DIGITS)))
  }
  return times
}
