import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Checks a request as a receiver does, by the Standard Webhooks specification. Written apart from the sender's code, so
 * that each can show the other's faults. `nowMs` bounds the age to five minutes when given.
 */
export function verifySignature(
  secret: string,
  headers: { readonly [name: string]: string | string[] | undefined },
  body: Buffer | string,
  nowMs?: number,
): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false
  if (!/^\d+$/.test(timestamp)) return false
  if (nowMs !== undefined && Math.abs(nowMs / 1000 - Number(timestamp)) > 300) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key)
    .update(Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]))
    .digest()
  return signatures.split(' ').some((signature) => {
    const [version, text = ''] = signature.split(',', 2)
    const given = Buffer.from(text, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}
