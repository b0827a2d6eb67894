import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { Fingerprinter } from '@millrace/storage'
import type { Json } from '@millrace/protocol'

const maxKeyLength = 256

/** A text that may be a write key: some clients send theirs masked (`wk:***`) beside the real one. */
const usable = (key: string): string | undefined =>
  key === '' || key.length > maxKeyLength || key.includes('***') ? undefined : key

/** The write key in a message or batch. */
export const bodyKey = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? usable(value) : undefined

/**
 * The user of Basic authorization; its password, where public clients put nothing, is not looked at. Or a Bearer token:
 * Customer.io's Python client sends a key of the form `pk_us_…` so.
 */
export const authorizationKey = (headers: IncomingHttpHeaders): string | undefined => {
  const { authorization } = headers
  if (authorization === undefined) return undefined
  if (/^bearer /i.test(authorization)) return usable(authorization.slice(7).trim())
  if (!/^basic /i.test(authorization)) return undefined
  const pair = Buffer.from(authorization.slice(6), 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return usable(colon === -1 ? pair : pair.slice(0, colon))
}

/** `X-Write-Key: key:secret`; the secret is not looked at. */
export const headerKey = (headers: IncomingHttpHeaders): string | undefined => {
  const value = headers['x-write-key']
  if (typeof value !== 'string') return undefined
  const colon = value.indexOf(':')
  return usable(colon === -1 ? value : value.slice(0, colon))
}

/** `?writeKey=`. */
export const queryKey = (query: string): string | undefined => {
  if (!query.includes('writeKey=')) return undefined
  const value = new URLSearchParams(query).get('writeKey')
  return value === null ? undefined : usable(value)
}

/** The write key as a part of a path, percent-encoded or not. */
export const pathKey = (part: string | undefined): string | undefined => {
  if (part === undefined || part.length > maxKeyLength * 3) return undefined
  try {
    return usable(decodeURIComponent(part))
  } catch {
    return undefined
  }
}

/**
 * Finds what belongs to a write key in a time that says nothing about other keys: the table is looked up by a keyed
 * hash with a key of this process, and the text found is compared to its end whatever differs.
 */
export class WriteKeys<T> {
  readonly #fingerprinter = new Fingerprinter(randomBytes(8))
  readonly #entries = new Map<number, { key: string; value: T }[]>()

  add(key: string, value: T): void {
    const hash = this.#hash(key)
    const entries = this.#entries.get(hash)
    if (entries === undefined) this.#entries.set(hash, [{ key, value }])
    else entries.push({ key, value })
  }

  get(key: string): T | undefined {
    const entries = this.#entries.get(this.#hash(key))
    if (entries === undefined) return undefined
    for (const entry of entries) if (equalInConstantTime(entry.key, key)) return entry.value
    return undefined
  }

  #hash(key: string): number {
    this.#fingerprinter.hash(key)
    return this.#fingerprinter.high * 0x20_0000 + (this.#fingerprinter.low & 0x1f_ffff)
  }
}

/** Like `crypto.timingSafeEqual`, of two texts and without making buffers of them. */
const equalInConstantTime = (a: string, b: string): boolean => {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}
