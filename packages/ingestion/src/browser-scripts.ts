/** Whose SDK a page loads; the choices of the setting `browserScript`. */
export type ScriptVendor = 'segment' | 'customerio' | 'millrace'

/** A file that is served as it is. */
export interface ServedFile {
  bytes: Buffer
  /** The same bytes, compressed. */
  gzip?: Buffer
  contentType: string
  /** Changes with the bytes; without quotes. */
  etag: string
  /** The name changes with the bytes, so it may be kept for ever. */
  isImmutable?: boolean
}

/** Files that cannot be served because nothing is installed that has them. */
export interface MissingPackage {
  /** The npm package to install, with its version. */
  missing: string
}

/** SDKs for pages, from wherever the composition root has them. Both calls look up a table; they read no file. */
export interface BrowserScripts {
  /** The SDK that a page loads first, with the write key put where the vendor's own CDN puts it. */
  sdk(vendor: ScriptVendor, writeKey: string): ServedFile | MissingPackage
  /** A part that the SDK loads later, by the name of its file; undefined when the vendor has no such part. */
  chunk(vendor: ScriptVendor, name: string): ServedFile | MissingPackage | undefined
}
