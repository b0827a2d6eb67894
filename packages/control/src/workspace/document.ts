import type { Json } from '@millrace/protocol'

/** A workspace as written: in TypeScript, JSON or YAML, all of the same shape. */
export interface WorkspaceDocument {
  /** For editors; not looked at. */
  $schema?: string
  /** What may send messages, by id (`[a-z0-9][a-z0-9_-]{0,63}`). */
  sources?: { [id: string]: SourceDocument }
  /** What receives messages, by id. */
  destinations?: { [id: string]: DestinationDocument }
  /** Who is told of alerts, by id. */
  notifiers?: { [id: string]: NotifierDocument }
  /** What is watched, by id. */
  alerts?: { [id: string]: AlertDocument }
  network?: {
    /** Address ranges outside the public internet that destinations may be sent to, such as `10.0.0.0/8`. */
    allow?: readonly string[]
    /** Address ranges of proxies whose `X-Forwarded-For`, `-Host` and `-Proto` are believed. */
    trustedProxies?: readonly string[]
    /** Where clients reach this server. Default: the address that each request was sent to. */
    publicUrl?: string
  }
  settings?: {
    limits?: SettingsDocument
    deduplication?: { windowMs?: number; maxIds?: number }
    retention?: {
      maxAgeMs?: number
      maxBytes?: number
      diskQuotaBytes?: number
      atQuota?: 'expire' | 'keep'
      expireAfterMs?: number
      intervalMs?: number
    }
    deadLetters?: { maxAgeMs?: number; maxCopies?: number; maxBytes?: number }
    metrics?: { public?: boolean }
    alerts?: { intervalMs?: number }
    identity?: {
      maxUserIds?: number
      maxAnonymousIds?: number
      blockedValues?: readonly string[]
      maxIdentifiers?: number
      maxMerges?: number
      maxLinks?: number
    }
  }
}

/** A value that is read from the environment when the document is loaded. */
export interface FromEnvironment {
  $env: string
}

export interface SettingsDocument {
  [name: string]: SettingDocument
}
export type SettingDocument = string | number | boolean | null | FromEnvironment | SettingDocument[] | SettingsDocument

export interface SourceDocument {
  type: 'http'
  /** For people. Default: the id. */
  name?: string
  /** What clients authenticate with. A key belongs to one source. */
  writeKeys: readonly string[]
  /** Default true. */
  enabled?: boolean
  settings?: SettingsDocument
}

export interface DestinationDocument {
  /** The component, such as `webhook` or `duckdb`. */
  type: string
  /** For people. Default: the id. */
  name?: string
  /** Ids of sources. Default: all. */
  sources?: readonly string[]
  /** Default true. */
  enabled?: boolean
  settings?: SettingsDocument
  /** How it is delivered to, whatever its type: concurrency, timeout, retries. */
  delivery?: SettingsDocument
  /** Replaces the presets of the component. */
  mappings?: readonly MappingDocument[]
  /** After a rename: the id before. */
  formerId?: string
  /** ISO time of the first message that a new destination receives. Default: it starts now. */
  startAt?: string
}

export interface MappingDocument {
  /**
   * Names the mapping among those of the destination. Ledger, dead letters and idempotency keys know it by this name.
   * Default: the action's name.
   */
  name?: string
  action: string
  /** In the trigger language. Default: the action's own. */
  trigger?: string
  /** In the mapping language; each field replaces that one of the action's default mapping. */
  fields?: { [field: string]: Json }
  /** Default true. */
  enabled?: boolean
}

export interface NotifierDocument {
  /** `webhook` or `email`. */
  type: string
  /** For people. Default: the id. */
  name?: string
  settings?: SettingsDocument
}

export interface AlertDocument {
  /** The rule. */
  type: 'failure_share' | 'oldest_pending' | 'dead_count' | 'disk_quota' | 'source_silence'
  /** For people. Default: the id. */
  name?: string
  /** Default true. */
  enabled?: boolean
  settings?: SettingsDocument
  /** Ids of notifiers. Default: none; the alert is then seen in the API, the command line and the metrics. */
  notify?: readonly string[]
  /** Milliseconds for which it must hold before it fires. Default 0. */
  forMs?: number
  /** Milliseconds after which the notifiers are told again while it lasts. Default: never. */
  reminderMs?: number
}

/**
 * Declares a workspace in TypeScript, with completion and checks while typing.
 * @example
 * export default defineWorkspace({
 *   sources: { web: { type: 'http', writeKeys: ['wk_web'] } },
 *   destinations: { hook: { type: 'webhook', settings: { url: 'https://example.com/in' } } },
 * })
 */
export const defineWorkspace = (document: WorkspaceDocument): WorkspaceDocument => document
