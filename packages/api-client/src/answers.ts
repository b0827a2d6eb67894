import type {
  DestinationStatus,
  JsonObject,
  LedgerVerification,
  PathError,
  TailEntry,
  WorkspaceVersionSummary,
} from '@millrace/protocol'

/** The envelopes of answers that hold more than one of the protocol's shapes. */

export interface WorkspaceAnswer {
  version: number
  document: JsonObject
}

/** The answer to a change: the version now in force. */
export interface WorkspaceChange {
  version: number
  changes?: WorkspaceVersionSummary['changes']
}

export interface WorkspaceValidation {
  valid: boolean
  errors?: readonly PathError[]
}

export interface WorkspaceVersionsAnswer {
  versions: WorkspaceVersionSummary[]
}

/** A destination as the server lists it; `kind` says what can be asked of it: only a warehouse takes SQL. */
export interface DestinationEntry extends DestinationStatus {
  kind?: 'destination' | 'warehouse'
}

export interface DestinationsAnswer {
  destinations: DestinationEntry[]
}

export interface TailAnswer {
  entries: TailEntry[]
  /** Where to go on reading: the `from` of the next request. */
  next: string
}

export interface VerifyProgress {
  messagesRead: number
  /** How many there are to read, when the server knows. */
  messagesTotal?: number
}

/** One line of the stream of a verification: any number of progress lines, then the result or an error. */
export type VerifyLine =
  | { progress: VerifyProgress }
  | { result: LedgerVerification }
  | { error: { code: string; message: string; errors?: readonly PathError[] } }
