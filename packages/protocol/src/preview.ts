import type { Json, JsonObject } from './json.ts'

/** Shapes of the dry run: what a destination would do with a message, and how two configurations differ over many. */

export interface Preview {
  messageId: string
  /** `invalid`: a trigger matches, and at least one action would refuse the message before anything is sent. */
  outcome: 'matched' | 'filtered' | 'invalid'
  /** Why it is filtered, as in the ledger. */
  reason?: string
  actions: PreviewedAction[]
}

export interface PreviewedAction {
  /** The name of the mapping. */
  name: string
  action: string
  trigger: string
  matched: boolean
  /** What the mapping makes of the message, checked. */
  fields?: JsonObject
  /** In the order in which they would be sent. Secrets are masked. */
  requests?: PreviewedRequest[]
  problems?: { path: string; message: string }[]
}

export interface PreviewedRequest {
  method: string
  url: string
  headers: Record<string, string>
  /** JSON as a value, anything else as text. */
  body?: Json
}

export interface ShadowReport {
  /** How many stored messages were rendered with both. */
  messages: number
  unchanged: number
  /** Delivered by both, with other requests. */
  changed: number
  newlyMatched: number
  newlyFiltered: number
  /** Would be refused before anything is sent, and is not today. */
  newlyFailing: number
  /** Is refused today and would not be. */
  repaired: number
  samples: ShadowSample[]
}

export interface ShadowSample {
  kind: 'changed' | 'newlyMatched' | 'newlyFiltered' | 'newlyFailing' | 'repaired'
  messageId: string
  before: Preview
  after: Preview
}
