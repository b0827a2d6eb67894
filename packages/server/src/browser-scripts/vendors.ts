import type { ScriptVendor } from '@millrace/ingestion'

/** Where the npm package of a vendor has what its CDN serves. */
export interface VendorPackage {
  name: string
  /** The folder of the built files, within the package. */
  folder: string
  /** What the CDN serves as `analytics.min.js`. */
  sdk: string
  /** Whether the name of a file is a part of the SDK that it loads later. */
  isChunk: RegExp
  /** The names of parts have a hash of their bytes. */
  hasHashedChunks: boolean
}

/**
 * Those of the vendors are built by one configuration: `standalone.js` is the file that installs the global of a snippet,
 * `index.js` the library for own bundles, the others are parts that either loads.
 */
export const vendorPackages: Readonly<Record<ScriptVendor, VendorPackage>> = {
  segment: {
    name: '@segment/analytics-next',
    folder: 'dist/umd',
    sdk: 'standalone.js',
    isChunk: /^[\w-]+\.bundle\.[0-9a-f]+\.js$/,
    hasHashedChunks: true,
  },
  customerio: {
    name: '@customerio/cdp-analytics-browser',
    folder: 'dist/umd',
    sdk: 'standalone.js',
    isChunk: /^(?!index\.|standalone\.)[\w-]+\.js$/,
    hasHashedChunks: false,
  },
  /** Made by `npm install`, `npm start` and `npm test`; all of it is in one file. */
  millrace: {
    name: '@millrace/browser',
    folder: 'dist',
    sdk: 'analytics.min.js',
    isChunk: /^$/,
    hasHashedChunks: false,
  },
}
