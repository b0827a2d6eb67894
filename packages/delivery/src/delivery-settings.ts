import { defineFields } from '@millrace/component-kit'
import type { Infer } from '@millrace/component-kit'

/** How a destination is delivered to, whatever its type: `delivery` in the workspace document. */
export const deliverySettings = defineFields({
  concurrency: {
    type: 'integer',
    label: 'Concurrency',
    description: 'Requests under way at once. Messages of one person always go one after the other.',
    example: 16,
    default: 8,
    minimum: 1,
    maximum: 4096,
  },
  order: {
    type: 'string',
    label: 'Order',
    description:
      'Whether messages of one person are sent one after the other, in the order in which they came. With "none" each goes as soon as it can.',
    example: 'perProfile',
    default: 'perProfile',
    choices: ['perProfile', 'none'],
  },
  timeoutMs: {
    type: 'integer',
    label: 'Timeout',
    description: 'For one request in all, in milliseconds.',
    example: 10_000,
    default: 30_000,
    minimum: 100,
    maximum: 600_000,
  },
  retryWindowMs: {
    type: 'integer',
    label: 'Retry window',
    description: 'How long a failing delivery is tried again before it is dead, in milliseconds. Default 4 hours.',
    example: 3_600_000,
    default: 4 * 3_600_000,
    minimum: 0,
    maximum: 30 * 86_400_000,
  },
  firstRetryDelayMs: {
    type: 'integer',
    label: 'First retry delay',
    description: 'The longest wait before the second attempt, in milliseconds; it doubles with each further one.',
    example: 500,
    default: 500,
    minimum: 1,
    maximum: 3_600_000,
  },
  maxRetryDelayMs: {
    type: 'integer',
    label: 'Longest retry delay',
    description: 'No wait between two attempts is longer, unless the receiver asks for it, in milliseconds.',
    example: 60_000,
    default: 60_000,
    minimum: 1,
    maximum: 86_400_000,
  },
  parkAfterMs: {
    type: 'integer',
    label: 'Park after',
    description:
      'A message that still fails after so long is parked, in milliseconds: it waits aside for its next attempts, and only messages of the same person wait behind it.',
    example: 1_000,
    default: 1_000,
    minimum: 0,
    maximum: 3_600_000,
  },
  parkedMax: {
    type: 'integer',
    label: 'Parked at most',
    description: 'With so many messages parked the circuit opens, and nothing new is sent until there are fewer.',
    example: 10_000,
    default: 10_000,
    minimum: 1,
    maximum: 100_000,
  },
  parkedPerKey: {
    type: 'integer',
    label: 'Parked per person',
    description: 'At most so many messages of one person wait; what happens to later ones is said by "After parking".',
    example: 1_000,
    default: 1_000,
    minimum: 1,
    maximum: 100_000,
  },
  parkedForMs: {
    type: 'integer',
    label: 'Parked for',
    description:
      'How long messages of one person wait behind one that fails, in milliseconds; then "After parking" holds. Default: the retry window.',
    example: 3_600_000,
    minimum: 0,
    maximum: 30 * 86_400_000,
  },
  afterParking: {
    type: 'string',
    label: 'After parking',
    description:
      'When too many messages of one person wait, or for too long: "sendOn" sends the later ones without waiting, "dead" makes them dead letters with the reason "order".',
    example: 'sendOn',
    default: 'sendOn',
    choices: ['sendOn', 'dead'],
  },
  circuitFailureShare: {
    type: 'number',
    label: 'Circuit: failure share',
    description:
      'The circuit opens, so that nothing is sent for a while, when this share of the requests of the window has failed.',
    example: 0.5,
    default: 0.5,
    minimum: 0.01,
    maximum: 1,
  },
  circuitMinRequests: {
    type: 'integer',
    label: 'Circuit: least requests',
    description: 'With fewer requests in the window the circuit stays closed, whatever their share of failures.',
    example: 20,
    default: 20,
    minimum: 1,
    maximum: 1_000_000,
  },
  circuitWindowMs: {
    type: 'integer',
    label: 'Circuit: window',
    description: 'Over how long requests and failures are counted, in milliseconds.',
    example: 60_000,
    default: 60_000,
    minimum: 1_000,
    maximum: 3_600_000,
  },
  circuitProbeDelayMs: {
    type: 'integer',
    label: 'Circuit: first probe',
    description:
      'How long an open circuit waits before it tries one batch, in milliseconds. It doubles with each that fails, up to the longest retry delay.',
    example: 5_000,
    default: 5_000,
    minimum: 1,
    maximum: 3_600_000,
  },
  requestsPerSecond: {
    type: 'number',
    label: 'Requests per second',
    description:
      'At most so many requests are begun in a second. 0: no limit. Default: what the service asks for, if it does.',
    example: 100,
    minimum: 0,
    maximum: 1_000_000,
  },
  messagesPerSecond: {
    type: 'number',
    label: 'Messages per second',
    description:
      'At most so many messages are sent in a second. 0: no limit. Default: what the service asks for, if it does.',
    example: 1_000,
    minimum: 0,
    maximum: 1_000_000,
  },
})

export type DeliverySettings = Infer<typeof deliverySettings>
