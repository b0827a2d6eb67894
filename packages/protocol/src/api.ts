/** The shapes of the HTTP API's answers under `/api`, shared by the server and its clients. */
import type { JsonObject, Message, MessageType } from './message.ts'
import type { ReplayStatus } from './replays.ts'
import type { Violation, ViolationKind } from './violations.ts'

/** A place in the log, `<block>:<index>`: block offset and row. Given out by the API, opaque to clients. */
export type Position = string

/** Per source: `accepted = duplicate + dropped + resolved + unresolved`. The unit is the message. */
export interface SourceLedger {
  source: string
  accepted: number
  duplicate: number
  dropped: Record<string, number>
  resolved: number
  /** Accepted and durable, but not yet looked at by the resolve stage. */
  unresolved: number
  /** What was refused, by code; not part of `accepted`. The source is empty when the write key is unknown. */
  rejected: Record<string, number>
}

/**
 * Per source and destination, since the destination's start: `resolved = delivered + filtered + pending + dead`. Where
 * several actions match one message, its worst outcome counts: pending before dead before delivered before filtered.
 */
export interface DestinationLedger {
  destination: string
  source: string
  resolved: number
  delivered: number
  filtered: Record<string, number>
  pending: { waiting: number; inFlight: number; parked: number }
  dead: Record<string, number>
  /** The sub-ledger of each action that has settled messages, by the name of its mapping. Empty for a warehouse. */
  actions: Record<string, ActionLedger>
  /** The destination is no longer in the workspace; its account stays. */
  removed?: true
}

/**
 * What became of the messages that matched one action and are settled: `matched = delivered + dead`. A message counts once
 * at each action that it matched, so the actions together have at least `delivered + dead` messages of the destination, and
 * exactly as many if there is one action. Which actions a pending message matches is only known when its turn
 * comes, so pending is not divided.
 */
export interface ActionLedger {
  delivered: number
  dead: Record<string, number>
}

export interface Ledger {
  at: string
  sources: SourceLedger[]
  destinations: DestinationLedger[]
  /** Replays have accounts of their own, which count in no other. Absent when there are none. */
  replays?: ReplayStatus[]
}

export interface LedgerProblem {
  where: string
  message: string
  counted?: number
  recorded?: number
}

/** The result of a recount of every term from log, records and rows. `balanced` is true when there is no problem. */
export interface LedgerVerification {
  balanced: boolean
  messagesRead: number
  ledger: Ledger
  problems: LedgerProblem[]
}

export interface TraceStage {
  stage: 'ingestion' | 'resolve' | 'delivery'
  at?: string
  outcome: string
  destination?: string
  /** The replay that sent it, when it was not live traffic. */
  replay?: string
  action?: string
  reason?: string
  detail?: JsonObject
}

/** Every stage that one copy of a message passed. A resent message has several copies, the later ones duplicates. */
export interface MessageTrace {
  messageId: string
  position: Position
  source: string
  type: MessageType
  event?: string
  receivedAt: string
  message: Message
  stages: TraceStage[]
}

export interface TraceAnswer {
  messageId: string
  traces: MessageTrace[]
}

/** One line of the live view: an accepted message or a rejection. */
export interface TailEntry {
  position: Position
  source: string
  receivedAt: string
  message?: Message
  /** Where the message differs from its standard event; absent where it does not. */
  violations?: readonly Violation[]
  rejection?: { code: string; reason: string; path?: string; count: number }
}

/** How many messages of a source differ from the dictionary in one property. Copies that were taken out do not count. */
export interface ViolationCount {
  source: string
  /** The standard event, by its standard name. */
  event: string
  /** Below `properties`: `products[].price`. */
  property: string
  kind: ViolationKind
  messages: number
  firstAt: string
  /** The last of them, as an example. */
  last: { at: string; messageId: string; reason: string }
}

/** The answer of `GET /api/violations`, the most frequent first. */
export interface ViolationsAnswer {
  violations: ViolationCount[]
}

export interface DestinationStatus {
  destination: string
  type: string
  /** `paused`: by an operator or for its credentials; `open`: its circuit is open. */
  state: 'running' | 'retrying' | 'disabled' | 'paused' | 'open' | 'failed'
  cursor: Position
  /** Bytes of log between the cursor and the resolve cursor. */
  lagBytes: number
  /** How much of the disk quota the log takes from the first message on that it has not settled. At 100 messages may expire. */
  quotaPercent?: number
  /** What retention gave up at the disk quota, in all: these messages are dead(expired). */
  expired?: { messages: number; from: string; to: string; at: string }
  inFlight: number
  /** Deliveries that wait aside for their next attempt, or behind one that does; absent for a warehouse. */
  parked?: number
  /** The last failure, while there is one. */
  lastError?: { at: string; code: string; message: string; nextAttemptAt?: string }
  /** Why nothing is sent, while it is paused or its circuit is open. */
  hold?: { cause: 'operator' | 'unauthorized' | 'circuit'; since: string; reason: string; nextAttemptAt?: string }
}

/** The answer of `GET /api/alerts`. */
export interface AlertsAnswer {
  alerts: AlertStatus[]
  notifiers: NotifierStatus[]
}

/** One alert of the workspace, with the state of each source or destination that it watches. */
export interface AlertStatus {
  alert: string
  name: string
  /** The rule. */
  type: string
  enabled: boolean
  /** Ids of notifiers. */
  notify: readonly string[]
  unit: 'percent' | 'ms' | 'messages'
  /** It fires at this value and above. */
  threshold: number
  subjects: AlertSubjectStatus[]
}

export interface AlertSubjectStatus {
  /** The id of a source or a destination. */
  subject: string
  /** `resolved` has fired before. */
  state: 'ok' | 'firing' | 'resolved'
  /** Since when it is in that state; absent while it was not looked at. */
  since?: string
  /** What was found last, in the unit of the alert. */
  value?: number
  /** When that was. */
  at?: string
  lastNotification?: { kind: 'firing' | 'resolved' | 'reminder'; at: string }
}

export interface NotifierStatus {
  notifier: string
  type: string
  /** Notifications that are to be sent. */
  waiting: number
  lastSentAt?: string
  /** The last failure, while there is one. Without `nextAttemptAt` a notification was given up. */
  lastError?: { at: string; message: string; attempts: number; nextAttemptAt?: string }
}

/** The answer of `POST /api/alerts/:id/test`: what each notifier said. */
export interface AlertTestAnswer {
  alert: string
  results: { notifier: string; sent: boolean; message?: string }[]
}

export interface SqlAnswer {
  columns: readonly string[]
  rows: readonly (readonly (string | number | boolean | null)[])[]
  truncated: boolean
}

export interface WorkspaceVersionSummary {
  version: number
  at: string
  by: string
  /** What changed against the version before, as paths with the old and new value; secrets are masked. */
  changes: { path: string; from?: unknown; to?: unknown }[]
}
