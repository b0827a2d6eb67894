import { BlockBuilder, Fingerprinter, rowFlags } from '@millrace/storage'
import type { Envelope, NewMessage } from '@millrace/storage'
import { testFingerprintKey } from '@millrace/testkit'

/** A message by its id, or a refusal by its code. */
export interface TestRow {
  id?: string
  source?: string
  rejected?: string
  count?: number
  /** Paths that differ from the standard event "Order Completed". */
  violations?: readonly string[]
}

export const testFingerprinter = new Fingerprinter(testFingerprintKey)

/** One block of messages, small but for `padBytes`, and refusals of any sources. */
export const blockOfRows = (rows: readonly TestRow[], receivedAtMs = 1_000_000, padBytes = 0): Buffer => {
  const builder = new BlockBuilder(testFingerprinter)
  for (const { id = '', source = 'web', rejected, count = 1, violations } of rows) {
    if (rejected !== undefined) {
      builder.addRejection(source, receivedAtMs, { code: rejected, reason: 'a test', count }, Buffer.from('{}'))
    } else {
      const raw = Buffer.from(
        JSON.stringify({ type: 'track', event: 'E', messageId: id, anonymousId: id, pad: 'p'.repeat(padBytes) }),
      )
      const envelope: Envelope = { messageId: id, anonymousId: id }
      const message: NewMessage = { source, type: 'track', event: 'E', receivedAtMs, envelope }
      if (violations !== undefined) {
        envelope.violations = violations.map((path) => ({ kind: 'type', path, reason: `${path} of ${id}` }))
        message.event = 'order_completed'
        message.standardEvent = { name: 'Order Completed', category: 'Ecommerce' }
        message.flags = rowFlags.violations
      }
      builder.addMessage(message, raw, 0, raw.length)
    }
  }
  return builder.build()
}
