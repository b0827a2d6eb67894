import type { Json, WorkspaceVersionSummary } from '@millrace/protocol'
import type { Cursor, StateReader, StateTransaction } from '@millrace/storage'
import type { DestinationStart } from './active-version.ts'

/** A version as it is stored: one entry, so that a version is there whole or not at all. The newest is in force. */
export interface VersionRecord extends WorkspaceVersionSummary {
  /** As written, secrets sealed. */
  document: Json
  /** The head of the log when it was applied: in force from here until the next version's. */
  cursor: Cursor
  destinations: { [id: string]: DestinationStart }
}

const space = 'workspace_versions'

export const putVersion = (tx: StateTransaction, record: VersionRecord): void =>
  tx.put(space, [record.version], Buffer.from(JSON.stringify(record)))

export async function getVersion(state: StateReader, version: number): Promise<VersionRecord | undefined> {
  const value = await state.get(space, [version])
  return value === undefined ? undefined : decode(value)
}

/** The newest first; only those before `before`. */
export async function listVersions(state: StateReader, limit: number, before?: number): Promise<VersionRecord[]> {
  const entries = await state.scan(space, { reverse: true, limit, ...(before !== undefined && { to: [before] }) })
  return entries.map(({ value }) => decode(value))
}

const decode = (value: Uint8Array): VersionRecord => JSON.parse(Buffer.from(value).toString('utf8')) as VersionRecord
