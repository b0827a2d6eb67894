import type { Message } from '@millrace/protocol'
import { Block, decodeResolution, resolveState } from '@millrace/storage'
import type { Cursor, LogReader, Offset, StateReader } from '@millrace/storage'
import { BlockCache } from './block-cache.ts'
import { systemClock } from './clock.ts'
import type { Clock, Timer } from './clock.ts'
import { ResolvedBlock } from './resolved-block.ts'

/**
 * Gives all destinations the resolved part of the log. Blocks that were read lately are kept, so destinations near the
 * head share one read and one parse. What was read further behind is kept apart: destinations that lag together share it too,
 * and one that reads through a backlog does not push out what the others are about to read.
 */
export interface ResolvedFeedOptions {
  log: LogReader
  /** The resolve stage's state, read beside the process that writes it. */
  resolveState: StateReader
  readBytes?: number
  cacheBytes?: number
  /** How often to look for news while somebody waits at the head: at first, and after a quiet second. */
  pollMs?: { busy: number; idle: number }
  /** Default: that of the system. */
  clock?: Clock
}

export interface PlacedMessage {
  message: Message
  /** As it was sent. */
  bytes: number
  receivedAtMs: number
}

/** Whether a destination wants to look at a block. */
export type IsWanted = (resolved: ResolvedBlock) => boolean

/** Somebody who waits for what comes at or after an offset. */
interface Waiting {
  from: Offset
  sinceMs: number
  isWanted: IsWanted
  wake: () => void
}

/** How long blocks that nobody wants may wait. */
const UNWANTED_MS = 250

export class ResolvedFeed {
  readonly #options: Required<ResolvedFeedOptions>
  readonly #head: BlockCache
  readonly #behind: BlockCache
  readonly #reads = new Map<Offset, Promise<readonly ResolvedBlock[]>>()
  #end: Offset = 0
  /** When the resolve cursor was asked for last. */
  #askedMs = -Infinity
  readonly #waiting = new Set<Waiting>()
  /** Up to where the last poll has looked at what is new. */
  #polled: Offset = 0
  #timer: Timer | undefined
  #lastNewsMs = 0
  #closed = false

  constructor(options: ResolvedFeedOptions) {
    this.#options = {
      // More would hold up the others while it is decoded.
      readBytes: 512 * 1024,
      cacheBytes: 16 * 1024 * 1024,
      pollMs: { busy: 5, idle: 50 },
      clock: systemClock,
      ...options,
    }
    const { cacheBytes } = this.#options
    this.#head = new BlockCache(cacheBytes / 2)
    this.#behind = new BlockCache(cacheBytes / 2)
  }

  /** Resolved blocks from `from` on, in order; empty at the resolve cursor. The first may begin later when retention removed some. */
  async read(from: Offset): Promise<readonly ResolvedBlock[]> {
    const cached = this.#cached(from)
    if (cached.length > 0) return cached
    let reading = this.#reads.get(from)
    if (reading === undefined) {
      reading = this.#read(from).finally(() => this.#reads.delete(from))
      this.#reads.set(from, reading)
    }
    return reading
  }

  /** One message, by its place; undefined when the log does not have it any more. */
  async message({ block: offset, index }: Cursor): Promise<PlacedMessage | undefined> {
    let block = (this.#head.get(offset) ?? this.#behind.get(offset))?.block
    if (block === undefined) {
      const [stored] = await this.#options.log.read(offset, 1)
      if (stored?.offset !== offset) return undefined
      block = new Block(stored.bytes)
    }
    return {
      message: block.message(index),
      bytes: block.raw(index).length,
      receivedAtMs: block.receivedAtMs(index),
    }
  }

  /** The oldest block that is still kept. */
  tail(): Promise<Offset> {
    return this.#options.log.tail()
  }

  /** The resolve cursor, asked anew. */
  async end(): Promise<Offset> {
    this.#end = (await this.#options.resolveState.cursor(resolveState.consumer))?.block ?? 0
    this.#askedMs = this.#options.clock.now()
    return this.#end
  }

  /** The resolve cursor as of the last poll's time: hundreds that begin to wait at one moment need not ask for it each. */
  #recentEnd(): Offset | Promise<Offset> {
    const sinceMs = this.#options.clock.now() - this.#askedMs
    return sinceMs >= 0 && sinceMs < this.#options.pollMs.busy ? this.#end : this.end()
  }

  /**
   * Resolves when there is something at or after `from` that is wanted, or, after a quarter of a second, something at all; or
   * when `signal` aborts. Hundreds of destinations that match little would else be woken for each block. Rejects when the feed
   * is closed.
   */
  async waitFor(from: Offset, signal: AbortSignal, isWanted: IsWanted = () => true): Promise<void> {
    while (!signal.aborted && (await this.#recentEnd()) <= from) {
      // It may have aborted while the cursor was read; then its event is over.
      if (signal.aborted) return
      if (this.#closed) throw new Error('the feed of resolved blocks is closed')
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#waiting.delete(waiting)
          signal.removeEventListener('abort', done)
          resolve()
        }
        const waiting: Waiting = { from, sinceMs: this.#options.clock.now(), isWanted, wake: done }
        this.#waiting.add(waiting)
        signal.addEventListener('abort', done)
        this.#schedule()
      })
    }
  }

  close(): void {
    this.#closed = true
    this.#options.clock.clearTimeout(this.#timer)
    for (const { wake } of this.#waiting) wake()
  }

  #schedule(): void {
    if (this.#timer !== undefined) return
    const { clock, pollMs } = this.#options
    const quiet = clock.now() - this.#lastNewsMs > 1000
    this.#timer = clock.setTimeout(() => void this.#poll(), quiet ? pollMs.idle : pollMs.busy)
  }

  async #poll(): Promise<void> {
    const end = await this.end().catch(() => this.#end)
    const news = end > this.#polled ? await this.#news(end) : []
    this.#timer = undefined
    const nowMs = this.#options.clock.now()
    // Compared with what each one waits for, not with the last poll: others ask for the cursor too, in between.
    for (const { from, sinceMs, isWanted, wake } of this.#waiting) {
      if (end <= from) continue
      this.#lastNewsMs = nowMs
      const isOld = nowMs - sinceMs >= UNWANTED_MS || nowMs < sinceMs
      if (isOld || news === undefined || news.some((block) => block.offset >= from && isWanted(block))) wake()
    }
    if (this.#waiting.size > 0 && !this.#closed) this.#schedule()
  }

  /** The blocks since the last poll; undefined when they are many, or cannot be read: then all who wait see for themselves. */
  async #news(end: Offset): Promise<readonly ResolvedBlock[] | undefined> {
    let first = end
    for (const { from } of this.#waiting) first = Math.min(first, from)
    // What one waits for that began to wait earlier was looked at by the polls before.
    first = Math.max(first, this.#polled)
    this.#polled = end
    if (first >= end) return []
    const blocks = await this.read(first).catch(() => [])
    return blocks[0]?.offset === first && (blocks.at(-1)?.next ?? 0) >= end ? blocks : undefined
  }

  #cached(from: Offset): ResolvedBlock[] {
    const blocks: ResolvedBlock[] = []
    let bytes = 0
    for (let at = from; bytes < this.#options.readBytes;) {
      const block = this.#head.get(at) ?? this.#behind.get(at)
      if (block === undefined) break
      blocks.push(block)
      bytes += block.block.bytes.length
      at = block.next
    }
    return blocks
  }

  async #read(from: Offset): Promise<readonly ResolvedBlock[]> {
    const end = from < this.#end ? this.#end : await this.end()
    if (from >= end) return []
    const { log, resolveState: state, readBytes } = this.#options
    const stored = (await log.read(from, readBytes)).filter(({ offset }) => offset < end)
    const first = stored[0]
    const last = stored.at(-1)
    if (first === undefined || last === undefined) return []
    const records = await state.scan(resolveState.resolutions, {
      from: [first.offset],
      to: [last.next],
      limit: stored.length,
    })
    const blocks = stored.map(({ offset, next, bytes }, at) => {
      const entry = records[at]
      if (entry?.key[0] !== offset) {
        throw new Error(`block ${offset} is before the resolve cursor ${end} but has no resolution record`)
      }
      return new ResolvedBlock(offset, next, bytes, decodeResolution(entry.value))
    })
    const cache = last.next < end ? this.#behind : this.#head
    for (const block of blocks) cache.keep(block)
    return blocks
  }
}
