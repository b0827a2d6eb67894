import { messageTypes } from '@millrace/protocol'
import type { MessageType } from '@millrace/protocol'

/**
 * A block, little endian. The fixed-width rows come first, so that a stage that needs only types, event names, sources
 * and fingerprints (deduplication, most triggers, counting) reads a few bytes per message and parses nothing.
 *
 *   block      = header rows dictionary envelopes raws
 *   header     = magic:u32 version:u32 rowCount:u32 messageCount:u32 dictionaryBytes:u32 envelopesStart:u32 rawsStart:u32
 *                zero:u32 firstReceivedAtMs:f64
 *   rows       = row * rowCount
 *   row        = receivedAtMs:f64 fingerprintLow:u32 fingerprintHigh:u32 type:u8 flags:u8 source:u16 event:u16 client:u16
 *                batch:u16 zero:u16 envelopeStart:u32 envelopeBytes:u32 rawStart:u32 rawBytes:u32
 *   dictionary = JSON (BlockDictionary)
 *   envelopes  = JSON * rowCount                 one after the other; a row says where its own begins
 *   raws       = bytes                           the messages as sent, with what stood between them in their batch
 *
 * `type` 0 is a rejection (its envelope is a Rejection, its raw bytes the start of the refused body); others count from
 * `messageTypes`. Index fields are 0xffff for none.
 *
 * The version changes when an older program would misread a block. New keys in the JSON parts and new bits of `flags` do not
 * change it: older programs pass over them, and where they are absent a newer program takes them as "not known".
 */
export const MAGIC = 0x3142524d // "MRB1"
export const VERSION = 1
export const HEADER_BYTES = 40
export const ROW_BYTES = 44
export const NONE = 0xffff
export const REJECTION = 0
/** A block takes at most this many rows, so that the index fields always fit. */
export const MAX_ROWS = 16_384

export const header = {
  magic: 0,
  version: 4,
  rowCount: 8,
  messageCount: 12,
  dictionaryBytes: 16,
  envelopesStart: 20,
  rawsStart: 24,
  firstReceivedAtMs: 32,
}
export const row = {
  receivedAtMs: 0,
  fingerprintLow: 8,
  fingerprintHigh: 12,
  type: 16,
  flags: 17,
  source: 18,
  event: 20,
  client: 22,
  batch: 24,
  envelopeStart: 28,
  envelopeBytes: 32,
  rawStart: 36,
  rawBytes: 40,
}

/** Bits of a row's `flags`. `violations`: its envelope has some, so that who looks for them need not parse the others. */
export const rowFlags = { bot: 1, violations: 2 }

export const typeNumbers: Readonly<Record<MessageType, number>> = Object.fromEntries(
  messageTypes.map((type, index) => [type, index + 1]),
) as Record<MessageType, number>
export const typeNames: readonly (MessageType | undefined)[] = [undefined, ...messageTypes]
