import type { JsonObject, Message, MessageType } from '@millrace/protocol'
import type { BatchDefaults, BlockDictionary, ClientInfo, Envelope, Rejection } from './envelope.ts'
import { HEADER_BYTES, MAGIC, NONE, REJECTION, ROW_BYTES, VERSION, header, row, typeNames } from './layout.ts'
import { applyOverlay } from './overlay.ts'

/** Read access to a block's bytes. Nothing is parsed until it is asked for. */
export class Block {
  readonly bytes: Buffer
  readonly rowCount: number
  /** Rows that are messages; the others are rejections. */
  readonly messageCount: number
  readonly #envelopesStart: number
  readonly #rawsStart: number
  #dictionary: BlockDictionary | undefined

  /** Throws when the bytes are no block of a version that this program reads. */
  constructor(bytes: Buffer) {
    if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(header.magic) !== MAGIC) {
      throw new Error('these bytes are not a block: the first four are not "MRB1"')
    }
    const version = bytes.readUInt32LE(header.version)
    if (version !== VERSION)
      throw new Error(`block format ${version} is not known here (known: ${VERSION}); use a newer Millrace`)
    this.bytes = bytes
    this.rowCount = bytes.readUInt32LE(header.rowCount)
    this.messageCount = bytes.readUInt32LE(header.messageCount)
    this.#envelopesStart = bytes.readUInt32LE(header.envelopesStart)
    this.#rawsStart = bytes.readUInt32LE(header.rawsStart)
  }

  get firstReceivedAtMs(): number {
    return this.bytes.readDoubleLE(header.firstReceivedAtMs)
  }

  get dictionary(): BlockDictionary {
    if (this.#dictionary === undefined) {
      const start = HEADER_BYTES + this.rowCount * ROW_BYTES
      const end = start + this.bytes.readUInt32LE(header.dictionaryBytes)
      this.#dictionary = JSON.parse(this.bytes.toString('utf8', start, end)) as BlockDictionary
    }
    return this.#dictionary
  }

  isMessage(index: number): boolean {
    return this.bytes[this.#at(index) + row.type] !== REJECTION
  }

  /** The type of a message; undefined for a rejection. */
  type(index: number): MessageType | undefined {
    return typeNames[this.bytes[this.#at(index) + row.type] as number]
  }

  receivedAtMs(index: number): number {
    return this.bytes.readDoubleLE(this.#at(index) + row.receivedAtMs)
  }

  flags(index: number): number {
    return this.bytes[this.#at(index) + row.flags] as number
  }

  fingerprintLow(index: number): number {
    return this.bytes.readUInt32LE(this.#at(index) + row.fingerprintLow)
  }

  fingerprintHigh(index: number): number {
    return this.bytes.readUInt32LE(this.#at(index) + row.fingerprintHigh)
  }

  /** Index into `dictionary.sources`. */
  sourceIndex(index: number): number {
    return this.bytes.readUInt16LE(this.#at(index) + row.source)
  }

  source(index: number): string {
    return this.dictionary.sources[this.sourceIndex(index)] as string
  }

  /** The name of a track message's event. */
  event(index: number): string | undefined {
    return this.dictionary.events[this.bytes.readUInt16LE(this.#at(index) + row.event)]
  }

  standardEvent(index: number): string | undefined {
    return this.dictionary.standardEvents[this.bytes.readUInt16LE(this.#at(index) + row.event)] ?? undefined
  }

  /** The category of the standard event. */
  eventCategory(index: number): string | undefined {
    return this.dictionary.categories?.[this.bytes.readUInt16LE(this.#at(index) + row.event)] ?? undefined
  }

  client(index: number): ClientInfo | undefined {
    const at = this.bytes.readUInt16LE(this.#at(index) + row.client)
    return at === NONE ? undefined : this.dictionary.clients[at]
  }

  batch(index: number): BatchDefaults | undefined {
    const at = this.bytes.readUInt16LE(this.#at(index) + row.batch)
    return at === NONE ? undefined : this.dictionary.batches[at]
  }

  envelope(index: number): Envelope {
    return this.#envelopeJson(index) as Envelope
  }

  /**
   * The JSON of an envelope with a character for each byte: for what looks for a thing or two in the envelopes of all rows, which
   * takes a fifth of the time of parsing them. Text beyond ASCII does not read as it was written.
   */
  envelopeBytes(index: number): string {
    const at = this.#at(index)
    const start = this.#envelopesStart + this.bytes.readUInt32LE(at + row.envelopeStart)
    return this.bytes.toString('latin1', start, start + this.bytes.readUInt32LE(at + row.envelopeBytes))
  }

  rejection(index: number): Rejection {
    return this.#envelopeJson(index) as Rejection
  }

  /** The bytes as the client sent them; of a rejection, the start of the refused body. */
  raw(index: number): Buffer {
    const at = this.#at(index)
    const start = this.#rawsStart + this.bytes.readUInt32LE(at + row.rawStart)
    return this.bytes.subarray(start, start + this.bytes.readUInt32LE(at + row.rawBytes))
  }

  /** The message: its raw bytes with the overlay applied. A new object at each call. */
  message(index: number): Message {
    const at = this.#at(index)
    const start = this.#rawsStart + this.bytes.readUInt32LE(at + row.rawStart)
    const raw = this.bytes.toString('utf8', start, start + this.bytes.readUInt32LE(at + row.rawBytes))
    return applyOverlay(JSON.parse(raw) as JsonObject, {
      type: this.type(index) as MessageType,
      receivedAtMs: this.receivedAtMs(index),
      envelope: this.envelope(index),
      batch: this.batch(index),
      client: this.client(index),
    })
  }

  #envelopeJson(index: number): unknown {
    const at = this.#at(index)
    const start = this.#envelopesStart + this.bytes.readUInt32LE(at + row.envelopeStart)
    return JSON.parse(this.bytes.toString('utf8', start, start + this.bytes.readUInt32LE(at + row.envelopeBytes)))
  }

  #at(index: number): number {
    return HEADER_BYTES + index * ROW_BYTES
  }
}
