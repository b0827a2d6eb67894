import type { Cursor, Key } from '@millrace/storage'
import type { OperatorPause } from './delivery-gate.ts'
import type { Attempt } from './attempt-history.ts'
import type { DestinationConfig } from './destination-config.ts'
import type { OutcomeKind, StoredKind } from './outcome-kind.ts'

/**
 * What the delivery service keeps in its state store, all but `meta` and `paused` written in the transaction that moves the
 * destination's cursor:
 *
 *   cursor   delivery/<destination>                          the first row that is not settled
 *   outcomes [destination, fromBlock, fromIndex]             OutcomeRecord: what became of the rows before the cursor
 *   dead     [destination, block, index, action]             DeadLetter
 *   deadCopies  the same                                     DeadLetterCopy; see dead/copy-store.ts
 *   parked   [destination, block, index, action]             ParkedDelivery: it waits for its next attempt
 *   late     [destination, block, index]                     LateRow: what became of a row after its record was written
 *   meta     [destination]                                   where it began
 *   paused   [destination]                                   OperatorPause; written when somebody pauses or resumes it
 *   counter  <destination>/<source>/<outcome code>           messages, by the worst outcome of their actions
 *   counter  <destination>/<source>/<outcome code>/<action>  messages, by their outcome at one action
 *   counter  copies~/<destination>/copies and /bytes         how much `deadCopies` holds
 *   counter  pruned~/<any of these>                          the part of it whose outcome records retention removed
 *
 * An action is called by the name of its mapping.
 */
export const deliveryState = {
  outcomes: 'outcomes',
  dead: 'dead',
  deadCopies: 'dead_copies',
  parked: 'parked',
  late: 'late',
  meta: 'meta',
  paused: 'paused',
} as const

export const consumerOf = (destination: string): string => `delivery/${destination}`
export const outcomeKey = (destination: string, block: number, index: number): Key => [destination, block, index]
export const counterOf = (destination: string, source: string, code: number, action?: string): string =>
  `${destination}/${source}/${code}${action === undefined ? '' : `/${action}`}`

/** The counters in which a message of this kind stands: one for the message, one for each action. */
export const countersOf = (destination: string, source: string, { code, actions }: OutcomeKind): string[] => [
  counterOf(destination, source, code),
  ...actions.map(([action, each]) => counterOf(destination, source, each, action)),
]

/** The parts of a counter's name. An action's name may hold slashes; the ids before it do not. */
export const partsOfCounter = (name: string): { source: string; code: number; action: string | undefined } => {
  const [, source = '', code = '', ...action] = name.split('/')
  return { source, code: Number(code), action: action.length === 0 ? undefined : action.join('/') }
}

/** No destination has this id, so its counters are nobody else's. */
const PRUNED = 'pruned~/'
export const prunedCounterOf = (counter: string): string => PRUNED + counter
/** What all counters of a destination begin with: those of its account, and those of the part without records. */
export const counterPrefixesOf = (destination: string): { all: string; pruned: string } => ({
  all: `${destination}/`,
  pruned: `${PRUNED}${destination}/`,
})

/** A message that will not be delivered unless somebody acts, kept with what is needed to understand why. */
export interface DeadLetter {
  messageId: string
  source: string
  /** The name of the mapping. */
  action: string
  /** The reason within the ledger's term `dead`. */
  reason: string
  /** What the receiver or the check said. */
  code: string
  detail: string
  /** How many there were. */
  attempts: number
  /** Those that are kept of them; absent when none failed, and in letters of older versions. */
  history?: readonly Attempt[]
  firstAttemptAt?: string
  at: string
  /** The order key of the message. Absent in letters of older versions. */
  key?: string
  /** What is known of the whole message: the worst code, then each action and its code. Absent in letters of older versions. */
  kind?: StoredKind
  /** How often it was redriven before and died again. */
  redrives?: number
  /** The size of its copy, when it has one. */
  copyBytes?: number
}

/** Messages that are dead(expired). They have no letter each, and their rows are soon removed: this says which they were. */
export interface ExpiredMessages {
  messages: number
  /** When the oldest and the newest of them were received, in milliseconds since 1970. */
  fromMs: number
  toMs: number
  /** When the last of them expired. */
  atMs: number
}

/** What is known of a destination besides its cursor, kept for as long as its account. */
export interface DestinationMeta {
  type: string
  /** Its account begins here. */
  start: Cursor
  /** Resolved messages of each source before `start`. */
  resolvedBeforeStart: Record<string, number>
  /** What decides whether a message is for it, to settle its backlog if it is removed. */
  matching: Pick<DestinationConfig, 'name' | 'enabled' | 'actions'> & { sources?: readonly string[] }
  /** Since where it has its type, when that is not `start`: a warehouse's own cursor begins there. */
  typeSince?: Cursor
  /** What retention gave up at the disk quota: dead(expired), in all. */
  expired?: ExpiredMessages
  removedAt?: string
}

export const encodeJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
export const decodeJson = (bytes: Uint8Array): unknown =>
  JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
export const decodePause = (bytes: Uint8Array): OperatorPause => decodeJson(bytes) as OperatorPause
export const decodeDeadLetter = (bytes: Uint8Array): DeadLetter => decodeJson(bytes) as DeadLetter
export const decodeMeta = (bytes: Uint8Array): DestinationMeta => decodeJson(bytes) as DestinationMeta
