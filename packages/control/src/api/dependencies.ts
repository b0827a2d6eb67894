import type { ResolvedPreset } from '@millrace/component-kit'
import type {
  AlertTestAnswer,
  AlertsAnswer,
  DeadLetterCausesAnswer,
  DeadLetterDetail,
  DeadLettersAnswer,
  DestinationStatus,
  IdentityCut,
  JsonObject,
  Ledger,
  LedgerVerification,
  Message,
  Position,
  Preview,
  ProfileAnswer,
  ReplayAnswer,
  ReplayPlan,
  ReplayRequest,
  ReplayStatus,
  RedriveAnswer,
  RedriveProgress,
  RulesTrialAnswer,
  ShadowReport,
  SqlAnswer,
  TailEntry,
  TraceAnswer,
  ViolationCount,
} from '@millrace/protocol'
import type { WorkspaceVersions } from '../versions/workspace-versions.ts'
import type { WorkspaceSettings } from '../workspace/workspace.ts'
import type { WorkspaceRegistry } from '../workspace/registry.ts'

/**
 * All that the API needs of the rest of the program; the composition root provides it.
 * A rejection with a `MillraceError` becomes its answer, any other one is a 500 and is logged.
 */
export interface ControlDependencies {
  /** What `Authorization: Bearer` must carry under `/api`. */
  token: string
  /** True when only this machine can connect: then `Host` must be an address, `localhost` or one of `hostNames`. */
  loopback: boolean
  hostNames?: readonly string[]
  registry: WorkspaceRegistry
  versions: WorkspaceVersions

  ledger(): Promise<Ledger>
  /** Recounts every term. `onProgress` gets messages done and the total to do. */
  verifyLedger(onProgress: (done: number, total: number) => void, signal: AbortSignal): Promise<LedgerVerification>
  /** All copies of a message; no traces when it is unknown. */
  trace(messageId: string): Promise<TraceAnswer>
  /**
   * Entries in the log's order from `from` on, and where to go on. Without `from`: the newest ones up to the head.
   * `limit` 0 gives the head alone.
   */
  tail(options: TailOptions): Promise<{ entries: TailEntry[]; next: Position }>
  /** Resolves when there may be entries at or after `next`, or when `signal` is aborted. Early is harmless. */
  tailChanged(next: Position, signal: AbortSignal): Promise<void>
  /** The newest rejections first. */
  rejections(options: { source?: string; limit: number }): Promise<TailEntry[]>
  /** Where messages differ from their standard events, the most frequent first. */
  violations(options: { source?: string }): Promise<ViolationCount[]>
  destinations(): Promise<DestinationStatus[]>
  /** Sends nothing more to a destination until it is resumed. Rejects with `not_found` for no such destination. */
  pause(destinationId: string, reason: string): Promise<DestinationStatus>
  /** Ends a pause, and asks the check of one that is paused for its credentials. Rejects like `pause`. */
  resume(destinationId: string): Promise<DestinationStatus>
  /** Rejects with `not_found` for a destination without an account. */
  deadLetters(request: DeadLettersRequest): Promise<DeadLettersAnswer>
  /** Rejects with `not_found` for no such letter, `invalid_request` for what is no id of one. */
  deadLetter(destinationId: string, letterId: string): Promise<DeadLetterDetail>
  /** Sends dead messages again, a part of them a call. Rejects with `not_found`, or `unavailable` when nothing is delivered here. */
  redrive(request: RedriveRequest): Promise<RedriveAnswer>
  redriveProgress(destinationId: string, letterIds: readonly string[]): Promise<RedriveProgress>
  deadLetterCauses(destinationId: string): Promise<DeadLetterCausesAnswer>
  /** A person by an identifier or profile id. */
  profile(identifier: string): Promise<ProfileAnswer>
  /** What other rules of identity would change. */
  tryIdentityRules(settings: WorkspaceSettings['identity']): Promise<RulesTrialAnswer>
  identityCuts(): Promise<IdentityCut[]>
  /** Undoes a link. Throws `invalid_request` for what is no pair of identifiers. */
  cutIdentity(request: CutRequest): Promise<IdentityCut>
  /** Takes an undone link back; answers with what it was. Throws `not_found`. */
  uncutIdentity(id: string): Promise<IdentityCut>
  /** Reads a warehouse. Rejects with `not_found` for no such destination, `invalid_request` for one without SQL. */
  sql(destinationId: string, request: SqlRequest): Promise<SqlAnswer>
  /** What the destination would do with a message; sends nothing. */
  preview(options: PreviewRequest): Promise<Preview>
  /** How proposed mappings differ from those in force, over the newest stored messages; sends nothing. */
  shadow(options: ShadowRequest, signal: AbortSignal): Promise<ShadowReport>
  /** Estimates a replay and, unless it is a dry run, begins it. Rejects with `conflict` while the destination has another one. */
  replay(request: ReplayRequest, options: { dryRun: boolean }): Promise<ReplayPlan>
  /** The newest first. */
  replays(): Promise<ReplayStatus[]>
  /** One replay, with what failed. Rejects with `not_found`. */
  showReplay(id: string): Promise<ReplayAnswer>
  /** Rejects with `not_found`, and with `conflict` for one that has ended. */
  changeReplay(id: string, change: 'pause' | 'resume' | 'cancel'): Promise<ReplayStatus>
  /** The alerts, with their states. */
  alerts(): Promise<AlertsAnswer>
  /** Sends a test to the notifiers of an alert. Rejects with `not_found`. */
  testAlert(id: string): Promise<AlertTestAnswer>
  /** For load balancers: whether messages are accepted and go on, and why not. */
  readiness(): Promise<{ ready: boolean; reasons: string[] }>
  /** The Prometheus text format. */
  metrics(): Promise<string>
  /** Processes, version, data folder, disk. */
  status(): Promise<JsonObject>

  /** Aborted when the server shuts down: open streams end. */
  shutdown?: AbortSignal
  /** Gets each defect; the answer says only that there was one. */
  logError(error: unknown, request: { method: string; path: string }): void
}

export interface TailOptions {
  from?: Position
  limit: number
  source?: string
}

export interface SqlRequest {
  sql: string
  maxRows: number
  timeoutMs: number
}

export interface PreviewRequest {
  /** A destination in force, of kind `destination`. */
  destinationId: string
  /** Checked and complete; undefined for those in force. */
  mappings: readonly ResolvedPreset[] | undefined
  message: Message
  source: string
}

export interface ShadowRequest {
  destinationId: string
  mappings: readonly ResolvedPreset[]
  maxMessages: number
  maxSamples: number
}

export interface RedriveRequest {
  destinationId: string
  /** These letters, or those that fit. */
  letters: readonly string[] | { action?: string; reason?: string; code?: string }
  /** The `next` of an answer. */
  next?: string
}

/** Which link is to be undone, and why. */
export interface CutRequest {
  a: string
  b: string
  from?: string | undefined
  by: string
  reason?: string | undefined
}

export interface DeadLettersRequest {
  destinationId: string
  action?: string
  reason?: string
  code?: string
  /** Only older ones: the `next` of an answer. */
  before?: Position
  limit: number
}
