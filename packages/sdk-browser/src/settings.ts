import type { Integrations, Settlement } from '@millrace/sdk-core'
import type { ConsentSettings } from './consent-gate.ts'
import type { StoreOptions } from './stores.ts'

/** What `load` takes. The names are those of analytics.js where it has the setting. */
export interface Settings extends StoreOptions {
  /** Of a source. */
  writeKey: string
  /**
   * Where Millrace is reached: an origin, or a path of the site's own (`/collect`) that a proxy passes on.
   * Default: where the script came from, else the origin of the page.
   */
  host?: string
  /** Send nothing and remember nothing. */
  disable?: boolean
  /** Makes a `page` call as soon as it is loaded. */
  initialPageview?: boolean
  /** Which destinations every message goes to; a call's own win. */
  integrations?: Integrations
  /** Messages that start a request at once. Default: 20. */
  flushAt?: number
  /** Milliseconds that fewer wait. Default: 50; what is called while a request is under way goes with the next. */
  flushInterval?: number
  /** Messages that may wait; a call over it is refused with the event `error`. Default: 1000. */
  maxQueueMessages?: number
  /** Bytes that they may take in local storage. Default: 1,000,000. */
  maxQueueBytes?: number
  /** Calls read from the address of the page (`?ajs_uid=…`): none, or only ids of these forms. Default: all. */
  useQueryString?: boolean | { aid?: RegExp; uid?: RegExp }
  /** Details of the browser to ask for: `platformVersion`, `model`, … They are in the messages from their answer on. */
  highEntropyValuesClientHints?: string[]
  /** What the person has agreed to; without it nothing is asked. */
  consent?: ConsentSettings
}

/** What is reported by the event `error`: a message that is lost, and why. */
export interface LostMessage {
  code: 'invalid_message' | 'message_too_large' | 'not_serializable' | 'queue_full' | Settlement['kind']
  reason: string
  message?: object
}
