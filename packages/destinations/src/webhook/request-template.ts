import type { HttpRequest } from '@millrace/component-kit'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { WebhookSettings } from './settings.ts'
import { signature, signingKeys } from './signature.ts'

/** What all requests of a destination share, made once from its settings. */
export interface RequestTemplate {
  /** The request for a body. `id` stays the same when it is sent again. */
  request(id: string, body: string, nowMs: number, signal: AbortSignal): HttpRequest
}

/** Set here or by the HTTP client; a value from the settings would break what the receiver or the connection relies on. */
const ownHeader =
  /^(webhook-(id|timestamp|signature)|idempotency-key|host|connection|content-length|transfer-encoding|keep-alive|expect|proxy-.*|te|trailer|upgrade)$/

const templates = new WeakMap<WebhookSettings, RequestTemplate>()

/** Throws an Error whose message names the setting that has to be changed. */
export function requestTemplate(settings: WebhookSettings): RequestTemplate {
  let template = templates.get(settings)
  if (template === undefined) {
    template = build(settings)
    templates.set(settings, template)
  }
  return template
}

function build({ url, method, headers = {}, authorization, signingSecret }: WebhookSettings): RequestTemplate {
  const shared: { [name: string]: string } = { 'content-type': 'application/json' }
  for (const [name, value] of Object.entries(headers)) {
    const lowerCase = name.toLowerCase()
    if (typeof value !== 'string') throw new Error(`headers: the value of "${name}" must be a string.`)
    if (ownHeader.test(lowerCase)) throw new Error(`headers: "${name}" is set by Millrace; remove it.`)
    shared[lowerCase] = value
  }
  if (authorization !== undefined) shared['authorization'] = authorization
  // Their messages name the header, never its value.
  for (const [name, value] of Object.entries(shared)) {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  }
  const keys = signingSecret === undefined ? undefined : signingKeys(signingSecret)
  return {
    request(id, body, nowMs, signal) {
      const timestamp = String(Math.floor(nowMs / 1000))
      const own: { [name: string]: string } = {
        ...shared,
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'idempotency-key': id,
      }
      if (keys !== undefined) own['webhook-signature'] = signature(keys, id, timestamp, body)
      return { method, url, headers: own, body, signal }
    },
  }
}
