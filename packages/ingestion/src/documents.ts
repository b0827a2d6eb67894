import { hash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { JsonObject } from '@millrace/protocol'
import type { Answer } from './answer.ts'
import type { BrowserScripts, MissingPackage, ScriptVendor, ServedFile } from './browser-scripts.ts'
import type { ClientAddress } from './client-address.ts'
import { publicAddressOf } from './public-address.ts'
import type { PublicAddress } from './public-address.ts'
import { sendFile } from './send-file.ts'
import { settingsDocument, sourceConfigDocument } from './settings-documents.ts'
import type { SourceState, SourceTable } from './source-table.ts'
import { authorizationKey, pathKey, queryKey } from './write-key.ts'

/** What clients may ask for with GET before they send. */
type Wanted =
  | { kind: 'settings'; writeKey: string | undefined }
  | { kind: 'source-config' }
  | { kind: 'sdk'; writeKey: string | undefined; vendor: ScriptVendor | undefined }
  | { kind: 'chunk'; vendor: ScriptVendor; name: string }

export interface DocumentOptions {
  scripts: BrowserScripts | undefined
  proxies: ClientAddress
  /** Where clients reach the server, when the request does not say. */
  publicAddress: PublicAddress | undefined
}

/** What the paths of documents begin with, beside `/v1/`. */
export const documentPrefixes: readonly string[] = ['/sourceConfig', '/analytics.js/v1/', '/analytics-next/bundles/']

/** A page that is loaded again within this time asks for nothing; a change of the workspace reaches it after it. */
const settingsSeconds = 120
const scriptSeconds = 300
const immutable = 'public, max-age=31536000, immutable'

/** The document at a path without query, whether or not there is one for its write key or name. */
export const documentOf = (path: string): Wanted | undefined => {
  const parts = path.split('/')
  const [, first, second, third, fourth, fifth] = parts
  if (first === 'sourceConfig') {
    return parts.length === 2 || (parts.length === 3 && second === '') ? { kind: 'source-config' } : undefined
  }
  if (first === 'analytics-next') {
    return parts.length === 4 && second === 'bundles'
      ? { kind: 'chunk', vendor: 'segment', name: third ?? '' }
      : undefined
  }
  if (first === 'analytics.js') {
    const isSdk = parts.length === 5 && second === 'v1' && fourth === scriptName
    return isSdk ? { kind: 'sdk', writeKey: pathKey(third), vendor: undefined } : undefined
  }
  if (first !== 'v1') return undefined
  if (second === 'projects') {
    const isSettings = parts.length === 5 && fourth === 'settings'
    return isSettings ? { kind: 'settings', writeKey: pathKey(third) } : undefined
  }
  if (second !== 'analytics-js') return undefined
  if (parts.length === 4) return { kind: 'chunk', vendor: 'customerio', name: third ?? '' }
  const isSdk = parts.length === 6 && third === 'snippet' && fifth === scriptName
  return isSdk ? { kind: 'sdk', writeKey: pathKey(fourth), vendor: 'customerio' } : undefined
}
const scriptName = 'analytics.min.js'

/** Answers GET and HEAD for what clients load before they send. */
export class Documents {
  readonly #options: DocumentOptions

  constructor(options: DocumentOptions) {
    this.#options = options
  }

  /** Answers, or returns the refusal to answer with. */
  serve(
    wanted: Wanted,
    query: string,
    sources: SourceTable,
    request: IncomingMessage,
    response: ServerResponse,
  ): Answer | undefined {
    if (wanted.kind === 'chunk') return this.#chunk(wanted, request, response)
    const { headers } = request
    const keys = wanted.kind === 'source-config' ? [queryKey(query), authorizationKey(headers)] : [wanted.writeKey]
    const writeKey = keys.find((key) => key !== undefined && sources.find(key) !== undefined)
    if (writeKey === undefined) return unknownKey
    const source = sources.find(writeKey) as SourceState
    if (wanted.kind === 'sdk') {
      const file = this.#options.scripts?.sdk(wanted.vendor ?? source.settings.browserScript, writeKey)
      return file === undefined ? noScripts : sendScript(file, request, response)
    }
    if (wanted.kind === 'source-config') {
      sendFile(
        request,
        response,
        jsonFile(sourceConfigDocument(writeKey, source)),
        `private, max-age=${settingsSeconds}`,
      )
      return undefined
    }
    return this.#settings(writeKey, request, response)
  }

  #settings(writeKey: string, request: IncomingMessage, response: ServerResponse): Answer | undefined {
    const { publicAddress } = this.#options
    const address = publicAddress ?? this.#addressOf(request.headers, request.socket.remoteAddress)
    if (address === undefined) return malformedHost
    // What depends on headers that anybody writes must not be kept for others.
    const [cache, varies] =
      publicAddress === undefined ? ['private', ['X-Forwarded-Host', 'X-Forwarded-Proto']] : ['public', []]
    const file = jsonFile(settingsDocument(writeKey, address))
    sendFile(request, response, file, `${cache}, max-age=${settingsSeconds}`, varies)
    return undefined
  }

  #addressOf(headers: IncomingHttpHeaders, remoteAddress: string | undefined): PublicAddress | undefined {
    return publicAddressOf(headers, remoteAddress, this.#options.proxies)
  }

  #chunk(
    { vendor, name }: { vendor: ScriptVendor; name: string },
    request: IncomingMessage,
    response: ServerResponse,
  ): Answer | undefined {
    const file = this.#options.scripts?.chunk(vendor, name)
    return file === undefined ? noChunk : sendScript(file, request, response)
  }
}

const sendScript = (
  file: ServedFile | MissingPackage,
  request: IncomingMessage,
  response: ServerResponse,
): Answer | undefined => {
  if ('missing' in file) return notInstalled(file.missing)
  sendFile(request, response, file, file.isImmutable === true ? immutable : `public, max-age=${scriptSeconds}`)
  return undefined
}

const jsonFile = (document: JsonObject): ServedFile => {
  const text = JSON.stringify(document)
  return {
    bytes: Buffer.from(text),
    contentType: 'application/json',
    etag: hash('sha256', text, 'base64url').slice(0, 27),
  }
}

const unknownKey: Answer = {
  status: 404,
  code: 'unknown_write_key',
  message: 'No source of Millrace has this write key. Copy the key of a source; until then nothing is sent.',
}
const malformedHost: Answer = {
  status: 400,
  code: 'invalid_host',
  message: 'The Host header is missing or malformed. Send the name under which the server is reached.',
}
const noScripts: Answer = {
  status: 404,
  code: 'not_found',
  message: 'This server serves no scripts. Load the client from npm, or start the server with them.',
}
const noChunk: Answer = {
  status: 404,
  code: 'not_found',
  message: 'The client library that is served has no such file. Load the page again; the library may be a newer one.',
}
const notInstalled = (name: string): Answer => ({
  status: 404,
  code: 'script_not_installed',
  message: `The npm package ${name} is not installed on the server. Run npm install ${name} there, then restart it.`,
})
