import type { Cursor } from '@millrace/storage'
import type { Workspace } from '../workspace/workspace.ts'

/** What applying a document does to the destinations. */
export interface ApplyPlan {
  /** The number that the version gets. */
  readonly version: number
  /** The head of the log: the version is in force from here. */
  readonly at: Cursor
  readonly workspace: Workspace
  /** New ones, each with the first message that it receives. */
  readonly added: readonly { readonly id: string; readonly start: Cursor }[]
  /** Ids whose type, sources, settings, mappings, name or `enabled` differ; after a rename the new id. */
  readonly changed: readonly string[]
  /** Gone; what they still waited for is dead with the reason `removed`. */
  readonly removed: readonly { readonly id: string; readonly backlog: number }[]
  /** The cursor and the account go on under the new id. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[]
}
