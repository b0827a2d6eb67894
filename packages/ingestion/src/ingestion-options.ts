import type { BrowserScripts } from './browser-scripts.ts'
import type { Limits } from './limits.ts'
import type { HttpSourceSettings } from './settings.ts'

export interface IngestSource {
  id: string
  name: string
  enabled: boolean
  writeKeys: readonly string[]
  settings: HttpSourceSettings
}

export interface IngestionOptions {
  /**
   * Hands one block over; resolves when it is durable. Rejects with `LogUnavailableError` when it is not: its requests
   * are answered with 503 and `Retry-After`. One call is open at a time.
   */
  append: (block: Uint8Array) => Promise<void>
  /** 8 secret bytes, the same for all processes that share a data folder. */
  fingerprintKey: Uint8Array
  limits?: Partial<Limits>
  /** SDKs for pages. Without them the routes of scripts answer 404. */
  browserScripts?: BrowserScripts
  /** The URL under which clients reach the server. Default: the one that each request was sent to. */
  publicUrl?: string
  /** Addresses and CIDR ranges whose X-Forwarded-For, -Host and -Proto are believed. None is, loopback included, unless named here. */
  trustedProxies?: readonly string[]
  /** Hears of failed appends and of defects; their clients were answered already. */
  onError?: (error: unknown) => void
  now?: () => number
  newMessageId?: () => string
}
