import type { JsonObject } from '@millrace/protocol'
import type { Cursor } from '@millrace/storage'
import type { Workspace } from '../workspace/workspace.ts'

/** The version in force. */
export interface ActiveVersion {
  readonly version: number
  /** ISO time. */
  readonly at: string
  readonly by: string
  readonly workspace: Workspace
  /** As written, secrets masked. */
  readonly document: JsonObject
  readonly destinations: { readonly [id: string]: DestinationStart }
}

/** Since when a destination takes part. */
export interface DestinationStart {
  /** The first message that it receives. */
  readonly start: Cursor
  /** The version that added it; an id that comes back after its removal gets a new one. A rename keeps it. */
  readonly since: number
}
