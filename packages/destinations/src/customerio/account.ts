import type { Outcome } from '@millrace/component-kit'
import type { CustomerioSettings } from './settings.ts'

/** Where to send, and as whom. */
export interface Account {
  /** The base URL, without a slash at its end. */
  base: string
  headers: { readonly [name: string]: string }
}

const hosts = { US: 'https://track.customer.io', EU: 'https://track-eu.customer.io' } as const

/** The account of the settings; or, when they cannot be used, an outcome that waits for the user and lets no message die. */
export function accountOf(settings: CustomerioSettings): Account | Outcome {
  const { siteId, apiKey, accountRegion, endpoint = hosts[accountRegion] } = settings
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    return invalid(`endpoint "${endpoint}" is no URL: write it as https://proxy.example.com, or leave it out.`)
  }
  // RFC 7617, 2: what stands before the first colon is the user.
  if (siteId.includes(':')) return invalid('siteId must not hold a colon: copy it from the API credentials.')
  const credentials = Buffer.from(`${siteId}:${apiKey}`).toString('base64')
  return { base: endpoint.replace(/\/+$/, ''), headers: { authorization: `Basic ${credentials}` } }
}

const invalid = (message: string): Outcome => ({ status: 'unauthorized', code: 'invalid_settings', message })
