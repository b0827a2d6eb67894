import type { Json, JsonObject, Message, MessageType } from '@millrace/protocol'
import type { BatchDefaults, ClientInfo, Envelope } from './envelope.ts'

export interface Overlay {
  type: MessageType
  receivedAtMs: number
  envelope: Envelope
  batch?: BatchDefaults | undefined
  client?: ClientInfo | undefined
}

/**
 * Turns what the client sent into the message: the one function that does, used by every stage. It changes `raw`.
 * In this order: the write key goes; corrected fields are set; the batch's context and integrations are merged under the
 * message's own (DESIGN: object by object, the message wins, arrays are replaced, null counts as said); an identify without
 * traits of its own gets those of its context; enrichment fills what is still missing in the context.
 */
export const applyOverlay = (raw: JsonObject, overlay: Overlay): Message => {
  const { envelope, batch, client } = overlay
  if ('writeKey' in raw) delete raw['writeKey']
  raw['type'] = overlay.type
  raw['messageId'] = envelope.messageId
  raw['receivedAt'] = isoTime(overlay.receivedAtMs)
  if (envelope.set !== undefined) {
    for (const name of Object.keys(envelope.set)) define(raw, name, envelope.set[name] as Json)
  }
  if (batch?.context !== undefined) raw['context'] = mergeUnder(raw['context'], batch.context)
  if (batch?.integrations !== undefined) raw['integrations'] = mergeUnder(raw['integrations'], batch.integrations)
  if (overlay.type === 'identify') addTraitsOfContext(raw)
  if (envelope.ip !== undefined || envelope.userAgent !== undefined || client !== undefined) {
    const context = isObject(raw['context']) ? raw['context'] : (raw['context'] = {})
    // An explicit null stays: a client that says `ip: null` does not want it known.
    if (envelope.ip !== undefined && context['ip'] === undefined) context['ip'] = envelope.ip
    if (envelope.userAgent !== undefined && context['userAgent'] === undefined) {
      context['userAgent'] = envelope.userAgent
    }
    if (client !== undefined && context['client'] === undefined) context['client'] = { ...client }
  }
  return raw as unknown as Message
}

/** RudderStack's clients in browsers and for Python say who a person is in the context alone. */
const addTraitsOfContext = (raw: JsonObject): void => {
  const { traits, context } = raw
  if (traits !== undefined && !(isObject(traits) && isEmpty(traits))) return
  const theirs = isObject(context) ? context['traits'] : undefined
  if (isObject(theirs) && !isEmpty(theirs)) raw['traits'] = { ...theirs }
}

const isEmpty = (object: JsonObject): boolean => Object.keys(object).length === 0

/**
 * `own` over `base`: base's keys appear where own has none. Neither is changed, and the result is an object of its own;
 * parts of it may be shared.
 */
export const mergeUnder = (own: Json | undefined, base: JsonObject): Json => {
  // A copy: the base is shared by all messages of a batch, and enrichment writes into the result.
  if (own === undefined) return { ...base }
  if (!isObject(own)) return own
  const merged: JsonObject = { ...base }
  for (const name of Object.keys(own)) {
    const mine = own[name] as Json
    const theirs = Object.hasOwn(base, name) ? base[name] : undefined
    define(merged, name, isObject(mine) && isObject(theirs) ? mergeUnder(mine, theirs) : mine)
  }
  return merged
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `__proto__` is an ordinary key in JSON, so it is defined, never assigned. */
const define = (target: JsonObject, name: string, value: Json): void => {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
  } else {
    target[name] = value
  }
}

let lastMs = Number.NaN
let lastText = ''
/** ISO 8601 of a time in ms. Messages of one batch share theirs, so the last one is remembered. */
const isoTime = (ms: number): string => {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastText
}
