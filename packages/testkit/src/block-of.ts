import type { JsonObject, MessageType } from '@millrace/protocol'
import { BlockBuilder, Fingerprinter } from '@millrace/storage'
import type { BatchDefaults, Envelope } from '@millrace/storage'

export interface BlockOfOptions {
  /** Default `web`. */
  source?: string
  /** When the first message was received; all have the same time. Default 2026-03-01T09:00:00Z. */
  receivedAtMs?: number
  /** What the batch said for all its messages. */
  batch?: BatchDefaults
  /** 8 bytes. Default `testFingerprintKey`. */
  fingerprintKey?: Uint8Array
}

/** The key that tests share, so that blocks of one test and a deduplicator of another agree. */
export const testFingerprintKey: Uint8Array = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

/**
 * The bytes of one block that holds these messages, as ingestion would have stored them: identifiers in the envelope, the
 * times that the message lacks set by the overlay. A message needs a `type` and a `messageId`.
 */
export const blockOf = (messages: readonly JsonObject[], options: BlockOfOptions = {}): Buffer => {
  const builder = new BlockBuilder(new Fingerprinter(options.fingerprintKey ?? testFingerprintKey))
  const receivedAtMs = options.receivedAtMs ?? Date.UTC(2026, 2, 1, 9)
  for (const message of messages) {
    const raw = Buffer.from(JSON.stringify(message))
    const { type, event } = message
    builder.addMessage(
      {
        source: options.source ?? 'web',
        type: type as MessageType,
        ...(typeof event === 'string' ? { event } : {}),
        receivedAtMs,
        envelope: envelopeOf(message, receivedAtMs),
        batch: options.batch,
      },
      raw,
      0,
      raw.length,
    )
  }
  return builder.build()
}

const envelopeOf = (message: JsonObject, receivedAtMs: number): Envelope => {
  const { messageId } = message
  if (typeof messageId !== 'string') {
    throw new TypeError(`blockOf needs messages with a messageId, not ${JSON.stringify(message)}`)
  }
  const envelope: Envelope = { messageId }
  for (const name of ['userId', 'anonymousId', 'groupId', 'previousId'] as const) {
    const value = message[name]
    if (typeof value === 'string') envelope[name] = value
  }
  if (message['timestamp'] === undefined) {
    envelope.set = { timestamp: message['originalTimestamp'] ?? new Date(receivedAtMs).toISOString() }
  }
  return envelope
}
