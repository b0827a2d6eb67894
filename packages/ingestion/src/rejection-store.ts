import { hash } from 'node:crypto'
import type { Rejection } from '@millrace/storage'
import type { RejectionCode } from '@millrace/protocol'
import type { BlockBuilder } from '@millrace/storage'
import type { BlockWriter } from './block-writer.ts'
import { TokenBucket } from './token-bucket.ts'

/** A refusal, as it is found. */
export interface Refused {
  code: RejectionCode
  reason: string
  path: string
  /** Empty when no source has the write key. */
  sourceId: string
  keyHint: string | undefined
  receivedAtMs: number
  /** What was refused: a message's raw bytes, or a body. */
  bytes: Buffer
  /** Of what was refused when `bytes` is only its start. */
  totalBytes?: number
  /** SHA-256 in hex when it is known already; null when it cannot be known. */
  bodyHash?: string | null
}

const keptBytes = 32 * 1024
const minuteMs = 60_000
const flushEveryMs = 1000

/**
 * Stores refusals as rows of the log, within a quota per source and one for unknown write keys, so that a broken or
 * hostile client cannot fill the disk. What exceeds a quota is counted, and written at most once a second as one row per
 * source and code, with its count.
 */
export class RejectionStore {
  readonly #writer: BlockWriter
  readonly #perMinute: number
  readonly #unknownPerMinute: number
  readonly #now: () => number
  readonly #quotas = new Map<string, TokenBucket>()
  readonly #overflow = new Map<string, { sourceId: string; code: RejectionCode; count: number }>()
  #timer: NodeJS.Timeout | undefined
  /** Refusals by code since the start, stored or counted. */
  readonly countByCode: Record<string, number> = {}

  constructor(writer: BlockWriter, perMinute: number, unknownPerMinute: number, now: () => number) {
    this.#writer = writer
    this.#perMinute = perMinute
    this.#unknownPerMinute = unknownPerMinute
    this.#now = now
  }

  /** Stores or counts a refusal; true when it was stored, in the block that `BlockWriter.wait` speaks of. */
  add(refused: Refused): boolean {
    if (!this.#admit(refused)) return false
    addRow(this.#writer.begin(1, Math.min(refused.bytes.length, keptBytes)), refused)
    return true
  }

  /** The same, into the block that a request has begun. */
  addTo(builder: BlockBuilder, refused: Refused): void {
    if (this.#admit(refused)) addRow(builder, refused)
  }

  /** Counts the refusal, and takes its place in the quota if there is one. */
  #admit({ sourceId, code, receivedAtMs }: Refused): boolean {
    this.countByCode[code] = (this.countByCode[code] ?? 0) + 1
    let quota = this.#quotas.get(sourceId)
    if (quota === undefined) {
      quota = new TokenBucket(sourceId === '' ? this.#unknownPerMinute : this.#perMinute, minuteMs)
      this.#quotas.set(sourceId, quota)
    }
    if (quota.take(receivedAtMs)) return true
    const key = `${code} ${sourceId}`
    const counted = this.#overflow.get(key)
    if (counted === undefined) this.#overflow.set(key, { sourceId, code, count: 1 })
    else counted.count++
    this.#timer ??= setTimeout(() => this.flush(), flushEveryMs).unref()
    return false
  }

  /** Writes what was only counted. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const rows = [...this.#overflow.values()]
    this.#overflow.clear()
    for (const { sourceId, code, count } of rows) {
      const reason = `${count} more were refused than the quota of stored rejections allows; they were counted only.`
      this.#writer.begin(1, 0).addRejection(sourceId, this.#now(), { code, reason, count }, nothing)
    }
  }
}

const nothing = Buffer.alloc(0)

const addRow = (builder: BlockBuilder, refused: Refused): void =>
  builder.addRejection(refused.sourceId, refused.receivedAtMs, rowOf(refused), refused.bytes.subarray(0, keptBytes))

/** Its hash is that of everything that was refused, though only the start is kept. */
const rowOf = (refused: Refused): Rejection => {
  const { code, reason, path, keyHint, bytes, totalBytes, bodyHash } = refused
  const row: Rejection = { code, reason, count: 1, bodyBytes: totalBytes ?? bytes.length }
  if (path !== '') row.path = path
  if (keyHint !== undefined) row.keyHint = keyHint
  if (bodyHash === undefined) row.bodyHash = hash('sha256', bytes)
  else if (bodyHash !== null) row.bodyHash = bodyHash
  return row
}
