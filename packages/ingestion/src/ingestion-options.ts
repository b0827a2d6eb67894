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
  /** Addresses and CIDR ranges whose X-Forwarded-For is believed. None is, loopback included, unless named here. */
  trustedProxies?: readonly string[]
  /** Hears of failed appends and of defects; their clients were answered already. */
  onError?: (error: unknown) => void
  now?: () => number
  newMessageId?: () => string
}
