import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { BrowserScripts, MissingPackage, ScriptVendor, ServedFile } from '@millrace/ingestion'
import { SdkTemplate, etagOf, javascript } from './sdk-template.ts'
import { vendorPackages } from './vendors.ts'
import type { VendorPackage } from './vendors.ts'

interface Installed {
  sdk: SdkTemplate
  chunks: ReadonlyMap<string, ServedFile>
}

/** Finds the folder of an npm package; throws when it is not installed. */
export type ResolvePackage = (name: string) => string

/**
 * The public SDKs for pages, from their npm packages. Everything is read now, about a megabyte: a request looks up a name
 * in a table, so no path of a request ever reaches the file system.
 */
export const readBrowserScripts = (resolvePackage: ResolvePackage = folderOf): BrowserScripts => {
  const installed: Readonly<Record<ScriptVendor, Installed | MissingPackage>> = {
    segment: readVendor(vendorPackages.segment, resolvePackage),
    customerio: readVendor(vendorPackages.customerio, resolvePackage),
    millrace: readVendor(vendorPackages.millrace, resolvePackage),
  }
  return {
    sdk: (vendor, writeKey) => {
      const found = installed[vendor]
      return 'missing' in found ? found : found.sdk.withKey(writeKey)
    },
    chunk: (vendor, name) => {
      const found = installed[vendor]
      return 'missing' in found ? found : found.chunks.get(name)
    },
  }
}

const require = createRequire(import.meta.url)
const folderOf: ResolvePackage = (name) => dirname(require.resolve(`${name}/package.json`))

const readVendor = (vendor: VendorPackage, resolvePackage: ResolvePackage): Installed | MissingPackage => {
  try {
    const folder = join(resolvePackage(vendor.name), vendor.folder)
    const names = readdirSync(folder).filter((name) => vendor.isChunk.test(name))
    return {
      sdk: new SdkTemplate(readFileSync(join(folder, vendor.sdk))),
      chunks: new Map(names.map((name) => [name, readChunk(folder, name, vendor.hasHashedChunks)])),
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ENOENT') throw error
    return { missing: vendor.name }
  }
}

/** The packages bring compressed copies. */
const readChunk = (folder: string, name: string, isImmutable: boolean): ServedFile => {
  const bytes = readFileSync(join(folder, name))
  const compressed = join(folder, `${name}.gz`)
  return {
    bytes,
    ...(existsSync(compressed) && { gzip: readFileSync(compressed) }),
    contentType: javascript,
    etag: etagOf(bytes),
    isImmutable,
  }
}
