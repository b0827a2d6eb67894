import { parseIsoTime } from '@millrace/protocol'
import type { Block, Fingerprinter } from '@millrace/storage'
import { clampedTimeMs } from './collect-facts.ts'
import { FingerprintCache } from './fingerprint-cache.ts'

/**
 * Who is known to have sent a message with just these ids: so nearly all messages cost one look-up, and their envelopes are not
 * parsed. An envelope is `{"messageId":"…", its ids, "set":{"timestamp":"…", …`; the bytes of the ids are the key. One that is
 * written otherwise is no mistake, only slower.
 *
 *   cache.look(block, row)            hashes the ids
 *   cache.find()                      what is known of them; else, after the facts of the message were taken:
 *   cache.learn(low, high, timeMs)
 */
export class SenderCache {
  readonly #fingerprinter: Fingerprinter
  readonly #senders: FingerprintCache
  /** The identity time from which on messages of that sender say nothing new; by slot. */
  readonly #knownFromMs: Float64Array
  #low = 0
  #high = 0
  #isReadable = false
  #envelope = ''
  #idsEnd = 0
  #receivedAtMs = 0
  /** Fingerprint of the best identifier of the sender that was found. */
  bestLow = 0
  bestHigh = 0

  constructor(fingerprinter: Fingerprinter, slots: number) {
    this.#fingerprinter = fingerprinter
    this.#senders = new FingerprintCache(slots)
    this.#knownFromMs = new Float64Array(slots)
  }

  /** Turns to a row: what follows is about it. */
  look(block: Block, row: number): void {
    const envelope = block.envelopeBytes(row)
    this.#isReadable = false
    const start = envelope.indexOf('"', MESSAGE_ID.length)
    if (!envelope.startsWith(MESSAGE_ID) || envelope.charCodeAt(start - 1) === BACKSLASH) return
    const end = envelope.indexOf(SET, start)
    if (end === -1) return
    this.#isReadable = true
    this.#envelope = envelope
    this.#idsEnd = end
    this.#receivedAtMs = block.receivedAtMs(row)
    this.#fingerprinter.hash(envelope.slice(start + 1, end))
    this.#low = this.#fingerprinter.low
    this.#high = this.#fingerprinter.high
  }

  /** Whether the message says nothing that is not known; then the best identifier stands in `bestLow` and `bestHigh`. */
  find(): boolean {
    if (!this.#isReadable) return false
    const slot = this.#senders.find(this.#low, this.#high)
    if (slot === -1) return false
    const knownFromMs = this.#knownFromMs[slot] as number
    // Of the same time the messageId decides, which the graph knows.
    if (knownFromMs !== ALWAYS && !(this.#timeMs() > knownFromMs)) return false
    this.bestLow = this.#senders.first[slot] as number
    this.bestHigh = this.#senders.second[slot] as number
    return true
  }

  /**
   * Remembers the row's sender by the fingerprint of its best identifier.
   * @param timeMs From which on messages with these ids say nothing new; undefined when they never say anything.
   */
  learn(bestLow: number, bestHigh: number, timeMs: number | undefined): void {
    if (!this.#isReadable) return
    const slot = this.#senders.set(this.#low, this.#high, bestLow, bestHigh)
    this.#knownFromMs[slot] = timeMs ?? ALWAYS
  }

  clear(): void {
    this.#senders.clear()
  }

  #timeMs(): number {
    const at = this.#envelope.indexOf(TIMESTAMP, this.#idsEnd)
    if (at === -1) return Number.NaN
    const start = at + TIMESTAMP.length
    const timestampMs = parseIsoTime(this.#envelope.slice(start, this.#envelope.indexOf('"', start)))
    return clampedTimeMs(timestampMs, this.#receivedAtMs)
  }
}

const MESSAGE_ID = '{"messageId":"'
const SET = ',"set":{'
const TIMESTAMP = '"timestamp":"'
const BACKSLASH = 92
/** Of ids that make no facts. */
const ALWAYS = -Infinity
