import type {
  DestinationStatus,
  JsonObject,
  LedgerVerification,
  PathError,
  Position,
  TailEntry,
  WorkspaceVersionSummary,
} from '@millrace/protocol'

/** The envelopes of answers that hold more than one of the protocol's shapes. */

export interface WorkspaceAnswer {
  /** Where the truth is: in the server's own file, or in its store. */
  mode: 'store' | 'file'
  /** 0 before the first one. */
  version: number
  at?: string
  by?: string
  /** Secrets are masked. */
  document: JsonObject
}

/** What a document does, or would do, to the destinations. */
export interface WorkspaceEffect {
  version: number
  added: readonly string[]
  changed: readonly string[]
  removed: readonly { id: string; backlog: number }[]
  renamed: readonly { from: string; to: string }[]
}

/** The answer to a change. `applied` is false when the document was already in force. */
export interface WorkspaceChange extends WorkspaceEffect {
  applied: boolean
}

export interface WorkspacePreview extends WorkspaceEffect {
  changes: WorkspaceVersionSummary['changes']
  /** Ids that must be confirmed, because messages wait for them. */
  confirm: readonly string[]
}

export interface WorkspaceVersionsAnswer {
  versions: WorkspaceVersionSummary[]
}

export interface DestinationsAnswer {
  destinations: DestinationStatus[]
}

/** The components that a workspace may use; `type` is what the document says. More fields than these are sent. */
export interface CatalogAnswer {
  sources: CatalogEntry[]
  destinations: CatalogEntry[]
  warehouses: CatalogEntry[]
}

export interface CatalogEntry {
  type: string
  name: string
  description: string
}

export interface TailAnswer {
  entries: TailEntry[]
  /** Where to go on reading: the `from` of the next request. */
  next: Position
}

export interface RejectionsAnswer {
  /** The newest first. */
  entries: TailEntry[]
}

export interface VerifyProgress {
  done: number
  total: number
}

/** The last line of a stream that failed after it had begun. */
export interface StreamFailure {
  error: { code: string; message: string; errors?: readonly PathError[] }
}

/** One line of the stream of a verification: any number of progress lines, then the result or a failure. */
export type VerifyLine = { progress: VerifyProgress } | { result: LedgerVerification } | StreamFailure
