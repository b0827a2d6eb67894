import type { IngestSource } from './ingestion-options.ts'
import type { HttpSourceSettings } from './settings.ts'
import { TokenBucket } from './token-bucket.ts'
import { WriteKeys } from './write-key.ts'

/** A source as requests use it. */
export interface SourceState {
  id: string
  name: string
  enabled: boolean
  settings: HttpSourceSettings
  requests: TokenBucket | undefined
  messages: TokenBucket | undefined
}

/** The sources of one configuration, by write key. Never changed: a new configuration is a new table. */
export class SourceTable {
  readonly #byKey = new WriteKeys<SourceState>()

  /** Throws when two sources share a write key. */
  constructor(sources: readonly IngestSource[]) {
    const owners = new Map<string, string>()
    for (const { id, name, enabled, settings, writeKeys } of sources) {
      const { maxRequestsPerSecond, maxMessagesPerSecond } = settings
      const state: SourceState = {
        id,
        name,
        enabled,
        settings,
        requests: maxRequestsPerSecond === undefined ? undefined : new TokenBucket(maxRequestsPerSecond, 1000),
        messages: maxMessagesPerSecond === undefined ? undefined : new TokenBucket(maxMessagesPerSecond, 1000),
      }
      for (const key of new Set(writeKeys)) {
        const owner = owners.get(key)
        if (owner !== undefined) {
          throw new Error(`sources ${owner} and ${id} share a write key (…${key.slice(-4)}); give each its own`)
        }
        owners.set(key, id)
        this.#byKey.add(key, state)
      }
    }
  }

  find(key: string): SourceState | undefined {
    return this.#byKey.get(key)
  }
}
