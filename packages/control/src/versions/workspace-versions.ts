import { isDeepStrictEqual } from 'node:util'
import { MillraceError } from '@millrace/protocol'
import type { Json, JsonObject, WorkspaceVersionSummary } from '@millrace/protocol'
import type { Cursor, StateStore, StateTransaction } from '@millrace/storage'
import { checkWorkspace } from '../workspace/check-workspace.ts'
import { documentToJson } from '../workspace/document-json.ts'
import type { WorkspaceRegistry } from '../workspace/registry.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { ActiveVersion } from './active-version.ts'
import type { ApplyPlan } from './apply-plan.ts'
import { changesBetween } from './changes.ts'
import type { Changes, TwoForms } from './changes.ts'
import { planApply, startsAfter } from './plan-apply.ts'
import type { Previous } from './plan-apply.ts'
import { invalidWorkspace, notTheFile, unconfirmedRemoval, unknownVersion, versionMoved } from './refusals.ts'
import { maskSecrets, openSecrets, restoreMasked, sealSecrets } from './secrets.ts'
import { getVersion, listVersions, putVersion } from './version-record.ts'
import type { VersionRecord } from './version-record.ts'

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
  /** Refuse with `conflict` unless this version is in force (0: none): someone may have changed it meanwhile. */
  ifVersion?: number
}

export interface Applied {
  active: ActiveVersion
  /** Absent when the document was the one in force: then there is no new version. */
  plan?: ApplyPlan
}

export type AppliedListener = (active: ActiveVersion, plan: ApplyPlan) => void

/** The newest version, with what only this file needs of it. */
interface Current extends Previous {
  /** Undefined when the document can no longer be loaded. */
  active: ActiveVersion | undefined
  document: TwoForms
}

const nothing: TwoForms = { open: {}, masked: {} }

/**
 * The workspace and its history. A document is checked whole, planned, and then stored with everything that follows
 * from it in one transaction: after a crash either the new version is in force or the old one, with its cursors.
 */
export class WorkspaceVersions {
  readonly mode: 'store' | 'file'
  readonly #options: WorkspaceVersionsOptions
  readonly #listeners = new Set<AppliedListener>()
  #current: Current | undefined
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(options: WorkspaceVersionsOptions) {
    if (options.secretKey.length !== 32) {
      throw new RangeError(`the key for secrets must have 32 bytes, not ${options.secretKey.length}`)
    }
    this.#options = options
    this.mode = options.readFile === undefined ? 'store' : 'file'
  }

  /**
   * Loads the newest version. Does not read the configuration file: call `reload` next. When what is stored can no longer
   * be loaded (a variable is not set, a component is gone), there is no version in force until then.
   * @throws {MillraceError} `invalid_workspace` in that case, when there is no file that could replace it.
   */
  static async open(options: WorkspaceVersionsOptions): Promise<WorkspaceVersions> {
    const versions = new WorkspaceVersions(options)
    const [newest] = await listVersions(options.state, 1)
    if (newest !== undefined) {
      const open = openSecrets(newest.document, options.secretKey)
      const { workspace, problems } = checkWorkspace(open, options.registry, options)
      if (problems !== undefined && versions.mode === 'store') throw invalidWorkspace(problems, false)
      const active = workspace === undefined ? undefined : toActive(newest, workspace)
      versions.#current = toCurrent(newest, active, open)
    }
    return versions
  }

  /** The version in force; undefined before the first one. */
  get active(): ActiveVersion | undefined {
    return this.#current?.active
  }

  /**
   * Makes a document the next version. Calls are served one after the other. A masked secret in it stands for the one in
   * force there.
   * @throws {MillraceError} `invalid_workspace` with each problem, or `conflict`; the version in force stays.
   */
  apply(document: unknown, options: ApplyOptions): Promise<Applied> {
    return this.#inTurn(async () => {
      const json = this.#toJson(document)
      await this.#refuseUnlessTheFile(json)
      return this.#apply(json, options)
    })
  }

  /** Reads the configuration file again and applies it. @throws {MillraceError} like `apply`; `conflict` without a file. */
  reload(options: ApplyOptions): Promise<Applied> {
    return this.#inTurn(async () => this.#apply(await this.#fileDocument(), options))
  }

  /** Applies the document of an earlier version as a new one. @throws {MillraceError} like `apply`; `not_found`. */
  restore(version: number, options: ApplyOptions): Promise<Applied> {
    return this.#inTurn(async () => {
      const record = await this.#record(version)
      const json = openSecrets(record.document, this.#options.secretKey)
      await this.#refuseUnlessTheFile(json)
      return this.#apply(json, options)
    })
  }

  /** What `apply` would do, without doing it, confirmed or not. @throws {MillraceError} like `apply`. */
  async preview(document: unknown): Promise<{ plan: ApplyPlan; changes: Changes }> {
    const json = this.#toJson(document)
    const plan = await planApply(this.#current, this.#check(json), this.#options)
    return { plan, changes: changesBetween(this.#current?.document ?? nothing, this.#twoForms(json)) }
  }

  /** The versions, the newest first. `before` continues a list. `limit` is 100 when absent. */
  async list(options: { limit?: number; before?: number } = {}): Promise<WorkspaceVersionSummary[]> {
    const records = await listVersions(this.#options.state, options.limit ?? 100, options.before)
    return records.map(({ version, at, by, changes }) => ({ version, at, by, changes }))
  }

  /** The document of a version, secrets masked. @throws {MillraceError} `not_found`. */
  async document(version: number): Promise<JsonObject> {
    return shown((await this.#record(version)).document)
  }

  /** Calls `listener`, which must not throw, after each new version, in order. Returns what ends that. */
  onApplied(listener: AppliedListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async #apply(json: Json, { by, confirm = [], ifVersion }: ApplyOptions): Promise<Applied> {
    const current = this.#current
    const version = current?.version ?? 0
    if (ifVersion !== undefined && ifVersion !== version) throw versionMoved(ifVersion, version)
    const workspace = this.#check(json)
    if (current?.active !== undefined && isDeepStrictEqual(json, current.document.open))
      return { active: current.active }

    const plan = await planApply(current, workspace, this.#options)
    const unconfirmed = unconfirmedRemoval(plan, confirm)
    if (unconfirmed !== undefined) throw unconfirmed
    const write = await this.#options.prepare?.(plan)
    const record: VersionRecord = {
      version: plan.version,
      at: new Date(this.#options.now()).toISOString(),
      by,
      changes: changesBetween(current?.document ?? nothing, this.#twoForms(json)),
      document: sealSecrets(json, this.#options.registry, this.#options.secretKey),
      cursor: plan.at,
      destinations: startsAfter(current, plan),
    }
    await this.#options.state.transaction((tx) => {
      putVersion(tx, record)
      write?.(tx)
    })
    const active = toActive(record, workspace)
    this.#current = toCurrent(record, active, json)
    for (const listener of this.#listeners) listener(active, plan)
    return { active, plan }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  /** @throws {MillraceError} `conflict` when there is a file and the document is not the one in it. */
  async #refuseUnlessTheFile(json: Json): Promise<void> {
    if (this.mode === 'store') return
    this.#check(json)
    const file = await this.#fileDocument()
    if (!isDeepStrictEqual(json, file)) throw notTheFile(changesBetween(this.#twoForms(file), this.#twoForms(json)))
  }

  async #fileDocument(): Promise<Json> {
    if (this.#options.readFile === undefined) {
      throw new MillraceError(
        'conflict',
        'There is no configuration file to reload; apply a document, or start with --config.',
      )
    }
    return this.#toJson(await this.#options.readFile())
  }

  #toJson(document: unknown): Json {
    const { json, problems } = { json: undefined, ...documentToJson(document) }
    if (json === undefined) throw invalidWorkspace(problems ?? [], this.active !== undefined)
    return restoreMasked(json, this.#current?.document.open ?? {}, this.#options.registry)
  }

  #check(document: Json): Workspace {
    const { workspace, problems } = checkWorkspace(document, this.#options.registry, this.#options)
    if (problems !== undefined) throw invalidWorkspace(problems, this.active !== undefined)
    return workspace
  }

  async #record(version: number): Promise<VersionRecord> {
    const record = await getVersion(this.#options.state, version)
    if (record === undefined) throw unknownVersion(version)
    return record
  }

  #twoForms(open: Json): TwoForms {
    const sealed = sealSecrets(open, this.#options.registry, this.#options.secretKey)
    return { open, masked: maskSecrets(sealed) }
  }
}

function toActive(record: VersionRecord, workspace: Workspace): ActiveVersion {
  const { version, at, by, document, destinations } = record
  return { version, at, by, workspace, document: shown(document), destinations }
}

function toCurrent(record: VersionRecord, active: ActiveVersion | undefined, open: Json): Current {
  return {
    version: record.version,
    starts: record.destinations,
    destinations: active?.workspace.destinations,
    active,
    document: { open, masked: shown(record.document) },
  }
}

/** What is stored was checked, so it is an object. */
const shown = (document: Json): JsonObject => maskSecrets(document) as JsonObject
