import { createHmac } from 'node:crypto'

/**
 * Signatures by the Standard Webhooks specification 1.0.0 (standardwebhooks.com), symmetric scheme:
 * HMAC-SHA256 over `{id}.{timestamp}.{body}`, in base64 behind `v1,`; several signatures are separated by a space.
 */
const prefix = 'whsec_'
const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * The keys of a signing secret; more than one while it is being changed.
 * Throws, without repeating the secret, when one is not 24 to 64 bytes in base64 behind `whsec_`.
 */
export function signingKeys(secret: string): readonly Buffer[] {
  return secret
    .trim()
    .split(/\s+/)
    .map((each) => {
      const text = each.slice(prefix.length)
      const key = Buffer.from(text, 'base64')
      if (!each.startsWith(prefix) || !base64.test(text) || key.length < 24 || key.length > 64) {
        throw new Error('signingSecret must be "whsec_" followed by 24 to 64 random bytes in base64.')
      }
      return key
    })
}

/** The value of the header `webhook-signature`. `id` must not hold a full stop; `timestamp` is in seconds. */
export function signature(keys: readonly Buffer[], id: string, timestamp: string, body: string): string {
  const head = `${id}.${timestamp}.`
  return keys.map((key) => `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`).join(' ')
}
