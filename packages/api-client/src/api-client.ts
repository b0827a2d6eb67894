import type {
  AlertTestAnswer,
  AlertsAnswer,
  DeadLetterCausesAnswer,
  DeadLetterDetail,
  DeadLettersAnswer,
  DestinationStatus,
  IdentityCut,
  IdentityCutsAnswer,
  Json,
  JsonObject,
  Ledger,
  LedgerVerification,
  Preview,
  ProfileAnswer,
  RulesTrialAnswer,
  ReplayAnswer,
  ReplayPlan,
  ReplayRequest,
  ReplaysAnswer,
  ReplayStatus,
  RedriveAnswer,
  RedriveProgress,
  ShadowReport,
  SqlAnswer,
  TailEntry,
  TraceAnswer,
  ViolationsAnswer,
} from '@millrace/protocol'
import type {
  CatalogAnswer,
  DestinationsAnswer,
  RejectionsAnswer,
  TailAnswer,
  WorkspaceAnswer,
  WorkspaceChange,
  WorkspacePreview,
  WorkspaceVersionsAnswer,
} from './answers.ts'
import { requestJson } from './request.ts'
import type { Connection } from './request.ts'
import { tailStream } from './tail-stream.ts'
import type { TailQuery } from './tail-stream.ts'
import { verifyLedger } from './verify-ledger.ts'
import type { VerifyOptions } from './verify-ledger.ts'

export interface WorkspaceUpdate {
  document: JsonObject
  /** Who changes it, for the list of versions. */
  by: string
  /** Ids of destinations with a backlog that may be removed: what waits for them becomes dead. */
  confirm?: readonly string[]
  /** Refuse with `conflict` unless this version is in force; 0 stands for none. */
  ifVersion?: number
}

export interface SqlRequest {
  sql: string
  maxRows?: number | undefined
  timeoutMs?: number | undefined
}

/** Which dead letters are sent again: by id, by cause, or all. */
export interface RedriveQuery {
  ids?: readonly string[]
  cause?: { action?: string; reason?: string; code?: string }
  all?: true
  /** The `next` of an answer. */
  next?: string
}

export interface DeadLetterQuery {
  action?: string | undefined
  reason?: string | undefined
  code?: string | undefined
  before?: string | undefined
  limit?: number | undefined
}

/** Two identifiers as type:value, and from when on what was seen of them does not count. */
export interface CutQuery {
  a: string
  b: string
  from?: string | undefined
  by?: string | undefined
  reason?: string | undefined
}

/** A message to try, stored or made up, and the mappings to try it with; without them those in force. */
export interface PreviewQuery {
  messageId?: string | undefined
  message?: JsonObject | undefined
  source?: string | undefined
  mappings?: Json | undefined
}

/** One method for each route of the HTTP API. Every method throws `ApiError`. */
export interface ApiClient {
  ledger(): Promise<Ledger>
  /** Recounts every term; long on a long log. */
  verifyLedger(options?: VerifyOptions): Promise<LedgerVerification>
  /** Every stage of every copy of a message. */
  message(messageId: string): Promise<TraceAnswer>
  tail(query?: TailQuery): Promise<TailAnswer>
  /** New entries as they come; ends when the server stops, the signal aborts, or the loop is left. */
  tailStream(query?: TailQuery, signal?: AbortSignal): AsyncGenerator<TailEntry, void, undefined>
  workspace(): Promise<WorkspaceAnswer>
  putWorkspace(update: WorkspaceUpdate): Promise<WorkspaceChange>
  /** What applying the document would do; throws like `putWorkspace` when it would be refused. */
  validateWorkspace(document: JsonObject): Promise<WorkspacePreview>
  /** Reads the server's own file again. */
  reloadWorkspace(options: Omit<WorkspaceUpdate, 'document'>): Promise<WorkspaceChange>
  workspaceVersions(): Promise<WorkspaceVersionsAnswer>
  workspaceSchema(): Promise<JsonObject>
  destinations(): Promise<DestinationsAnswer>
  /** Sends nothing more to a destination until it is resumed; its messages wait. */
  pause(destinationId: string, options?: { reason?: string | undefined }): Promise<DestinationStatus>
  /** Ends a pause; asks the check of a destination that is paused for its credentials. */
  resume(destinationId: string): Promise<DestinationStatus>
  /** Dead letters of a destination, the latest first; `next` of an answer as `before` for older ones. */
  deadLetters(destinationId: string, query?: DeadLetterQuery): Promise<DeadLettersAnswer>
  /** One dead letter, with what was kept of message, request and answer. */
  deadLetter(destinationId: string, letterId: string): Promise<DeadLetterDetail>
  /** Sends dead messages again to this destination alone, a part of them a call: as long as there is `next`, call again with it. */
  redrive(destinationId: string, query: RedriveQuery): Promise<RedriveAnswer>
  /** What became of redriven letters, at most 1,000 a call. */
  redriveProgress(destinationId: string, ids: readonly string[]): Promise<RedriveProgress>
  /** All dead letters, grouped by what one change may repair. */
  deadLetterCauses(destinationId: string): Promise<DeadLetterCausesAnswer>
  /** A person by any identifier or profile id, with each link. */
  profile(identifier: string): Promise<ProfileAnswer>
  identityCuts(): Promise<IdentityCutsAnswer>
  /** Undoes the link between two identifiers, for what is known and what comes. */
  cutIdentity(request: CutQuery): Promise<IdentityCut>
  /** Takes an undone link back. */
  uncutIdentity(id: string): Promise<IdentityCut>
  /** What other rules would change; they are `settings.identity` of a workspace. */
  tryIdentityRules(settings: JsonObject): Promise<RulesTrialAnswer>
  /** The components that a workspace may use. */
  catalog(): Promise<CatalogAnswer>
  /** Read-only SQL on a warehouse. */
  sql(destinationId: string, query: SqlRequest): Promise<SqlAnswer>
  /** What a destination would do with a message; sends nothing. */
  preview(destinationId: string, query: PreviewQuery): Promise<Preview>
  /** How other mappings would differ over the newest stored messages; sends nothing. */
  shadow(
    destinationId: string,
    query: { mappings: Json; messages?: number | undefined; samples?: number | undefined },
  ): Promise<ShadowReport>
  /** Estimates a replay, and begins it unless it is a dry run. `to` is now when it is absent. */
  replay(request: Omit<ReplayRequest, 'to'> & { to?: string; dryRun?: boolean }): Promise<ReplayPlan>
  /** All replays, the newest first. */
  replays(): Promise<ReplaysAnswer>
  /** One replay, with what failed. */
  replayStatus(id: string): Promise<ReplayAnswer>
  pauseReplay(id: string): Promise<ReplayStatus>
  resumeReplay(id: string): Promise<ReplayStatus>
  /** Ends a replay where it is. */
  cancelReplay(id: string): Promise<ReplayStatus>
  rejections(query?: { source?: string | undefined; limit?: number | undefined }): Promise<RejectionsAnswer>
  /** Where messages differ from their standard events, the most frequent first. */
  violations(query?: { source?: string | undefined }): Promise<ViolationsAnswer>
  /** The alerts, with their states, and how the notifiers are doing. */
  alerts(): Promise<AlertsAnswer>
  /** Sends a test to the notifiers of an alert. */
  testAlert(id: string): Promise<AlertTestAnswer>
  status(): Promise<JsonObject>
}

/**
 * A client of one server. It needs only `fetch`, so it runs in a browser as well.
 *
 * @example const ledger = await createApiClient({ baseUrl: 'http://127.0.0.1:8420', token }).ledger()
 */
export function createApiClient(connection: Connection): ApiClient {
  const get = <T>(path: string, query?: { readonly [name: string]: string | number | undefined }): Promise<T> =>
    requestJson<T>(connection, path, query === undefined ? {} : { query })
  const send = <T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> =>
    requestJson<T>(connection, path, { method, body })
  return {
    ledger: () => get('/api/ledger'),
    verifyLedger: (options) => verifyLedger(connection, options),
    message: (messageId) => get(`/api/messages/${encodeURIComponent(messageId)}`),
    tail: (query = {}) => get('/api/tail', { ...query }),
    tailStream: (query = {}, signal) => tailStream(connection, query, signal),
    workspace: () => get('/api/workspace'),
    putWorkspace: (update) => send('PUT', '/api/workspace', update),
    validateWorkspace: (document) => send('POST', '/api/workspace/validate', { document }),
    reloadWorkspace: (options) => send('POST', '/api/workspace/reload', options),
    workspaceVersions: () => get('/api/workspace/versions'),
    workspaceSchema: () => get('/api/workspace/schema'),
    destinations: () => get('/api/destinations'),
    pause: (destinationId, options = {}) =>
      send('POST', `/api/destinations/${encodeURIComponent(destinationId)}/pause`, options),
    resume: (destinationId) => send('POST', `/api/destinations/${encodeURIComponent(destinationId)}/resume`, {}),
    deadLetters: (destinationId, query = {}) =>
      get(`/api/destinations/${encodeURIComponent(destinationId)}/dead-letters`, { ...query }),
    deadLetter: (destinationId, letterId) =>
      get(`/api/destinations/${encodeURIComponent(destinationId)}/dead-letters/${encodeURIComponent(letterId)}`),
    redrive: (destinationId, query) =>
      send('POST', `/api/destinations/${encodeURIComponent(destinationId)}/redrive`, query),
    redriveProgress: (destinationId, ids) =>
      send('POST', `/api/destinations/${encodeURIComponent(destinationId)}/redrive/progress`, { ids }),
    deadLetterCauses: (destinationId) =>
      get(`/api/destinations/${encodeURIComponent(destinationId)}/dead-letters/causes`),
    profile: (identifier) => get(`/api/profiles/${encodeURIComponent(identifier)}`),
    identityCuts: () => get('/api/identity/cuts'),
    cutIdentity: (request) => send('POST', '/api/identity/cuts', request),
    tryIdentityRules: (settings) => send('POST', '/api/identity/try', settings),
    uncutIdentity: (id) => send('DELETE', `/api/identity/cuts/${encodeURIComponent(id)}`),
    catalog: () => get('/api/catalog'),
    sql: (destinationId, query) => send('POST', `/api/destinations/${encodeURIComponent(destinationId)}/sql`, query),
    preview: (destinationId, query) =>
      send('POST', `/api/destinations/${encodeURIComponent(destinationId)}/preview`, query),
    shadow: (destinationId, query) =>
      send('POST', `/api/destinations/${encodeURIComponent(destinationId)}/shadow`, query),
    replay: (request) => send('POST', '/api/replays', request),
    replays: () => get('/api/replays'),
    replayStatus: (id) => get(`/api/replays/${encodeURIComponent(id)}`),
    pauseReplay: (id) => send('POST', `/api/replays/${encodeURIComponent(id)}/pause`, {}),
    resumeReplay: (id) => send('POST', `/api/replays/${encodeURIComponent(id)}/resume`, {}),
    cancelReplay: (id) => send('POST', `/api/replays/${encodeURIComponent(id)}/cancel`, {}),
    rejections: (query = {}) => get('/api/rejections', { ...query }),
    violations: (query = {}) => get('/api/violations', { ...query }),
    alerts: () => get('/api/alerts'),
    testAlert: (id) => send('POST', `/api/alerts/${encodeURIComponent(id)}/test`, {}),
    status: () => get('/api/status'),
  }
}
