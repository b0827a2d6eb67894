import { messageTypes } from '@millrace/protocol'
import type {
  ActionLedger,
  DestinationLedger,
  DestinationStatus,
  Ledger,
  LedgerProblem,
  LedgerVerification,
  MessageTrace,
  SourceLedger,
  SqlAnswer,
  TailEntry,
  TraceAnswer,
  TraceStage,
  Violation,
  ViolationCount,
  ViolationsAnswer,
  WorkspaceVersionSummary,
} from '@millrace/protocol'
import { anyObject, anything, count, counts, flag, listOf, objectOf, optional, text, time } from './json-schema-of.ts'
import { replayStatusSchema } from './replay-schemas.ts'

/** The JSON Schemas of the shapes in the protocol's `api.ts`. */

const position = { type: 'string', pattern: '^[0-9]+:[0-9]+$' }

export const ledgerSchema = objectOf<Ledger>({
  at: time,
  sources: listOf(
    objectOf<SourceLedger>({
      source: text,
      accepted: count,
      duplicate: count,
      dropped: counts,
      resolved: count,
      unresolved: count,
      rejected: counts,
    }),
  ),
  destinations: listOf(
    objectOf<DestinationLedger>({
      destination: text,
      source: text,
      resolved: count,
      delivered: count,
      filtered: counts,
      pending: objectOf<DestinationLedger['pending']>({ waiting: count, inFlight: count, parked: count }),
      dead: counts,
      actions: {
        type: 'object',
        description: 'What became of the settled messages at each action, by the name of its mapping.',
        additionalProperties: objectOf<ActionLedger>({ delivered: count, dead: counts }),
      },
      removed: optional({ const: true }),
    }),
  ),
  replays: optional(listOf(replayStatusSchema)),
})

export const verificationSchema = objectOf<LedgerVerification>({
  balanced: flag,
  messagesRead: count,
  ledger: ledgerSchema,
  problems: listOf(
    objectOf<LedgerProblem>({
      where: text,
      message: text,
      counted: optional({ type: 'integer' }),
      recorded: optional({ type: 'integer' }),
    }),
  ),
})

export const traceSchema = objectOf<TraceAnswer>({
  messageId: text,
  traces: listOf(
    objectOf<MessageTrace>({
      messageId: text,
      position,
      source: text,
      type: { enum: [...messageTypes] },
      event: optional(text),
      receivedAt: time,
      message: anyObject,
      stages: listOf(
        objectOf<TraceStage>({
          stage: { enum: ['ingestion', 'resolve', 'delivery'] },
          at: optional(time),
          outcome: text,
          destination: optional(text),
          replay: optional(text),
          action: optional(text),
          reason: optional(text),
          detail: optional(anyObject),
        }),
      ),
    }),
  ),
})

const violationKind = { enum: ['missing', 'type', 'choice'] }

export const violationsSchema = objectOf<ViolationsAnswer>({
  violations: listOf(
    objectOf<ViolationCount>({
      source: text,
      event: text,
      property: text,
      kind: violationKind,
      messages: count,
      firstAt: time,
      last: objectOf<ViolationCount['last']>({ at: time, messageId: text, reason: text }),
    }),
  ),
})

export const tailEntrySchema = objectOf<TailEntry>({
  position,
  source: text,
  receivedAt: time,
  message: optional(anyObject),
  violations: optional(listOf(objectOf<Violation>({ kind: violationKind, path: text, reason: text }))),
  rejection: optional(
    objectOf<NonNullable<TailEntry['rejection']>>({ code: text, reason: text, path: optional(text), count }),
  ),
})

export const tailSchema = objectOf<{ entries: TailEntry[]; next: string }>({
  entries: listOf(tailEntrySchema),
  next: position,
})

export const destinationStatusSchema = objectOf<DestinationStatus>({
  destination: text,
  type: text,
  state: { enum: ['running', 'retrying', 'disabled', 'paused', 'open', 'failed'] },
  cursor: position,
  lagBytes: count,
  quotaPercent: optional({ type: 'number', minimum: 0 }),
  expired: optional(
    objectOf<NonNullable<DestinationStatus['expired']>>({ messages: count, from: time, to: time, at: time }),
  ),
  inFlight: count,
  parked: optional(count),
  lastError: optional(
    objectOf<NonNullable<DestinationStatus['lastError']>>({
      at: time,
      code: text,
      message: text,
      nextAttemptAt: optional(time),
    }),
  ),
  hold: optional(
    objectOf<NonNullable<DestinationStatus['hold']>>({
      cause: { enum: ['operator', 'unauthorized', 'circuit'] },
      since: time,
      reason: text,
      nextAttemptAt: optional(time),
    }),
  ),
})

export const sqlSchema = objectOf<SqlAnswer>({
  columns: listOf(text),
  rows: listOf(listOf({ type: ['string', 'number', 'boolean', 'null'] })),
  truncated: flag,
})

export const versionSchema = objectOf<WorkspaceVersionSummary>({
  version: count,
  at: time,
  by: text,
  changes: listOf(
    objectOf<WorkspaceVersionSummary['changes'][number]>({
      path: text,
      from: optional(anything),
      to: optional(anything),
    }),
  ),
})

export const errorSchema = objectOf<{ code: string; message: string; errors?: unknown[] }>({
  code: text,
  message: text,
  errors: optional(listOf(objectOf<{ path: string; reason: string }>({ path: text, reason: text }))),
})
