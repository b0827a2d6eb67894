/**
 * What the resolve stage decided about one block: which of its messages go on. The payload is never written twice;
 * delivery reads block and record side by side, up to the resolve cursor. Stored in the space `resolutions` under the
 * block's offset.
 */
export interface ResolutionRecord {
  /** The version of the workspace that was in force. */
  workspaceVersion: number
  /** Messages that go on to delivery. */
  resolved: number
  /** Rows that repeat a (source, messageId) of the window. */
  duplicates?: readonly number[]
  /**
   * Rows whose person has another profile than the one that the row's own best identifier names, by the id of that profile:
   * what was known when they were resolved.
   */
  profiles?: Readonly<Record<string, readonly number[]>>
}

/** Names in the resolve stage's state store, which delivery and the console read. */
export const resolveState = {
  /** The consumer whose cursor says how far the log is resolved. Its index is always 0: blocks are resolved whole. */
  consumer: 'resolve',
  resolutions: 'resolutions',
} as const

export const encodeResolution = (record: ResolutionRecord): Buffer => Buffer.from(JSON.stringify(record))
export const decodeResolution = (bytes: Uint8Array): ResolutionRecord =>
  JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as ResolutionRecord
