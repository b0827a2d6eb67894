import { hash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ServedFile } from '@millrace/ingestion'

/** What stands in the vendors' file where their CDN writes the key, between double quotes. */
const placeholder = '__WRITE_KEY__'
/** Compressed variants that are kept, some 30 KB each; more keys than these in use cost a compression each time. */
const maxKept = 32

export const javascript = 'text/javascript; charset=utf-8'

/**
 * The first file of an SDK, for any write key. It is the vendor's file, byte by byte, but for the placeholder that the
 * vendor has in it for this.
 */
export class SdkTemplate {
  readonly #before: Buffer
  readonly #after: Buffer | undefined
  readonly #kept = new Map<string, ServedFile>()

  constructor(bytes: Buffer) {
    const at = bytes.indexOf(placeholder)
    this.#before = at === -1 ? bytes : bytes.subarray(0, at)
    this.#after = at === -1 ? undefined : bytes.subarray(at + placeholder.length)
  }

  withKey(writeKey: string): ServedFile {
    const kept = this.#kept.get(writeKey)
    if (kept !== undefined) return kept
    const parts = this.#after === undefined ? [this.#before] : [this.#before, inDoubleQuotes(writeKey), this.#after]
    const bytes = Buffer.concat(parts)
    const file = { bytes, gzip: gzipSync(bytes), contentType: javascript, etag: etagOf(bytes) }
    if (this.#kept.size >= maxKept) this.#kept.delete(this.#kept.keys().next().value as string)
    this.#kept.set(writeKey, file)
    return file
  }
}

export const etagOf = (bytes: Buffer): string => hash('sha256', bytes, 'base64url').slice(0, 27)

/** The text of a JavaScript string, also where the script stands in a page. */
const inDoubleQuotes = (text: string): Buffer =>
  Buffer.from(
    JSON.stringify(text)
      .slice(1, -1)
      .replaceAll('<', String.raw`\u003c`),
  )
