import type { JsonObject, WorkspaceVersionSummary } from '@millrace/protocol'
import type { Cursor, StateStore, StateTransaction } from '@millrace/storage'
import type { WorkspaceRegistry } from '../workspace/registry.ts'
import type { ActiveVersion } from './active-version.ts'
import type { ApplyPlan } from './apply-plan.ts'

export interface WorkspaceVersionsOptions {
  state: StateStore
  registry: WorkspaceRegistry
  /** Where `{ "$env": "NAME" }` is looked up, each time that a document is loaded. */
  env: Readonly<Record<string, string | undefined>>
  /** 32 bytes that encrypt the plain secrets of stored documents. */
  secretKey: Uint8Array
  /** The end of the log: where a new destination starts. */
  head(): Promise<Cursor>
  /** The first message received at or after `timeMs`, for `startAt`; the head when there is none. */
  cursorAt(timeMs: number): Promise<Cursor>
  /** How many messages a destination still waits for. */
  backlog(destinationId: string): Promise<number>
  /**
   * Reads what the services need to follow a plan, and returns what to write in the transaction that stores the
   * version: cursors of new destinations, renames, dead records of removed ones. Rejecting refuses the document.
   */
  prepare?(plan: ApplyPlan): Promise<(tx: StateTransaction) => void>
  /** With a configuration file: reads its document, unchecked. The file is then the truth. */
  readFile?: () => Promise<unknown>
  now: () => number
}

export interface ApplyOptions {
  /** Who, for the history. */
  by: string
  /** Ids of destinations that may be removed although messages wait for them. */
  confirm?: readonly string[]
  /** Refuse with `conflict` unless this version is in force: someone may have changed it meanwhile. */
  ifVersion?: number
}

export interface Applied {
  active: ActiveVersion
  /** Absent when the document was the one in force: then there is no new version. */
  plan?: ApplyPlan
}

export class WorkspaceVersions {
  readonly mode: 'store' | 'file'
  #active: ActiveVersion | undefined

  private constructor(options: WorkspaceVersionsOptions) {
    this.mode = options.readFile === undefined ? 'store' : 'file'
  }

  /**
   * Loads the newest version. Does not read the configuration file: call `reload` next.
   * @throws {MillraceError} `invalid_workspace` when what is stored can no longer be loaded (a variable is not set).
   */
  static async open(options: WorkspaceVersionsOptions): Promise<WorkspaceVersions> {
    return new WorkspaceVersions(options)
  }

  /** The version in force; undefined before the first one. */
  get active(): ActiveVersion | undefined {
    return this.#active
  }

  /**
   * Makes a document the next version. Calls are served one after the other.
   * @throws {MillraceError} `invalid_workspace` with each problem, or `conflict`; the version in force stays.
   */
  async apply(document: unknown, options: ApplyOptions): Promise<Applied> {
    throw new Error(`not built yet: ${typeof document} ${options.by}`)
  }

  /** Reads the configuration file again and applies it. @throws {MillraceError} like `apply`; `conflict` without a file. */
  async reload(options: ApplyOptions): Promise<Applied> {
    throw new Error(`not built yet: ${options.by}`)
  }

  /** Applies the document of an earlier version as a new one. @throws {MillraceError} like `apply`; `not_found`. */
  async restore(version: number, options: ApplyOptions): Promise<Applied> {
    throw new Error(`not built yet: ${version} ${options.by}`)
  }

  /** What `apply` would do, without doing it. @throws {MillraceError} like `apply`. */
  async preview(document: unknown): Promise<{ plan: ApplyPlan; changes: WorkspaceVersionSummary['changes'] }> {
    throw new Error(`not built yet: ${typeof document}`)
  }

  /** The versions, the newest first. `before` continues a list. */
  async list(options: { limit?: number; before?: number } = {}): Promise<WorkspaceVersionSummary[]> {
    void options
    return []
  }

  /** The document of a version, secrets masked. @throws {MillraceError} `not_found`. */
  async document(version: number): Promise<JsonObject> {
    throw new Error(`not built yet: ${version}`)
  }

  /** Calls `listener` after each new version, in order. Returns what ends that. */
  onApplied(listener: (active: ActiveVersion, plan: ApplyPlan) => void): () => void {
    void listener
    return () => undefined
  }
}
