import { BlockBuilder, Fingerprinter } from '@millrace/storage'
import { testFingerprintKey } from '@millrace/testkit'

/** A message by its id, or a refusal by its code. */
export interface TestRow {
  id?: string
  source?: string
  rejected?: string
  count?: number
}

export const testFingerprinter = new Fingerprinter(testFingerprintKey)

/** One block of messages, small but for `padBytes`, and refusals of any sources. */
export const blockOfRows = (rows: readonly TestRow[], receivedAtMs = 1_000_000, padBytes = 0): Buffer => {
  const builder = new BlockBuilder(testFingerprinter)
  for (const { id = '', source = 'web', rejected, count = 1 } of rows) {
    if (rejected !== undefined) {
      builder.addRejection(source, receivedAtMs, { code: rejected, reason: 'a test', count }, Buffer.from('{}'))
    } else {
      const raw = Buffer.from(
        JSON.stringify({ type: 'track', event: 'E', messageId: id, anonymousId: id, pad: 'p'.repeat(padBytes) }),
      )
      const envelope = { messageId: id, anonymousId: id }
      builder.addMessage({ source, type: 'track', event: 'E', receivedAtMs, envelope }, raw, 0, raw.length)
    }
  }
  return builder.build()
}
