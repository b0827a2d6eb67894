import type { Buffer } from 'node:buffer'
import { mkdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { batchOf } from '@millrace/sdk-core'
import type { BatchLimits, QueuedMessage } from '@millrace/sdk-core'
import type { BoundedQueue } from '../bounded-queue.ts'
import { isMessage, recover } from './recover.ts'
import { SegmentWriter } from './segment-writer.ts'
import { CursorFile, SegmentReader, segmentPath } from './segments.ts'
import type { Place } from './segments.ts'
import { lockFolder } from './spool-lock.ts'

/** Where messages wait on disk. Each `Analytics` needs a folder of its own. */
export interface SpoolSettings {
  folder: string
  /** Bytes that may wait; by default 1 GiB. */
  maxBytes?: number | undefined
  /**
   * Milliseconds after which a message is safe from a power cut as well; by default 1,000. 0 makes each call wait for the disk.
   * A crash of the process loses nothing in any case.
   */
  syncMs?: number | undefined
}

/** Gives what is called when the message is settled. */
export type Settling = (message: QueuedMessage) => QueuedMessage['settled']

/** A message of the spool: the how manieth it is, and where it ends. */
interface Spooled extends QueuedMessage {
  at: number
  end: Place
}

/** Messages that are held in memory beside the disk, so that a short queue is not read back. */
const mostInMemory = 1000

/**
 * A queue of messages in files. Each is written before `add` returns; what does not fit in memory is read back when its turn comes.
 * A message is settled on disk when it and all before it are: then the cursor moves over it, and files before the cursor go. After a
 * crash what lies behind the cursor is sent again, under the same messageIds.
 */
export class SpoolQueue implements BoundedQueue {
  readonly #folder: string
  readonly #maxBytes: number
  readonly #settling: Settling
  readonly #unlock: () => void
  readonly #cursorFile: CursorFile
  readonly #writer: SegmentWriter
  /** Files up to this one were written by a process before. */
  readonly #lastForeign: number
  /** Messages that a process before left here. */
  readonly recovered: number
  #bytes: number
  /** Messages that were sent and wait again, then those in memory, then those that are on disk alone. */
  #again: Spooled[] = []
  #memory: Spooled[] = []
  #onDisk = 0
  /** One that was written waits as soon as the sender has noted it: before, it has no generation. */
  #isOneUnnoted = false
  #readFrom: Place
  #reader: { segment: number; lines: SegmentReader } | undefined
  /** Numbers of messages: the next one that is added, the next one that is read, the first one that is not settled. */
  #added: number
  #read = 0
  #front = 0
  #settled = new Map<number, Place>()
  #kept = new Set<QueuedMessage>()
  #cursor: Place
  #isClosed = false
  /** From which message on a generation of the sender counts; see `noted`. */
  #generations: { from: number; generation: QueuedMessage['generation'] }[] = []
  /** What is to be called for messages that were not read back yet, by number. */
  #callbacks = new Map<number, QueuedMessage['settled']>()

  constructor({ folder, maxBytes = 1024 ** 3, syncMs = 1000 }: SpoolSettings, settling: Settling) {
    this.#folder = resolve(folder)
    this.#maxBytes = maxBytes
    this.#settling = settling
    mkdirSync(this.#folder, { recursive: true })
    this.#unlock = lockFolder(this.#folder)
    this.#cursorFile = new CursorFile(this.#folder)
    const { messages, start, bytes, next } = recover(this.#folder, this.#cursorFile.read())
    this.#cursor = start
    this.#readFrom = start
    this.#added = messages
    this.recovered = messages
    this.#bytes = bytes
    this.#lastForeign = next - 1
    this.#writer = new SegmentWriter(this.#folder, next, syncMs)
  }

  waiting(): number {
    return this.#again.length + this.#memory.length + this.#onDisk
  }

  size(): number {
    return this.#added - this.#front - this.#settled.size
  }

  fill(): number {
    return this.#bytes / this.#maxBytes
  }

  add(message: QueuedMessage): boolean {
    if (this.#bytes >= this.#maxBytes) return false
    const { start, end } = this.#writer.append(message.json)
    this.#bytes += message.bytes + 1
    const at = this.#added++
    if (this.#onDisk === 0 && this.#memory.length < mostInMemory) {
      this.#memory.push(Object.assign(message, { at, end }))
      this.#read = this.#added
    } else {
      if (this.#onDisk === 0) this.#seek(start)
      this.#isOneUnnoted = true
      if (message.settled !== undefined) this.#callbacks.set(at, message.settled)
    }
    return true
  }

  noted({ generation }: QueuedMessage): void {
    if (!this.#isOneUnnoted) return
    this.#isOneUnnoted = false
    this.#onDisk += 1
    if (this.#generations.at(-1)?.generation === generation) return
    this.#generations.push({ from: this.#added - 1, generation })
  }

  /** The sender counts the messages of the process before in this generation; from now on they wait. */
  notedRecovered({ generation }: QueuedMessage): void {
    this.#onDisk = this.recovered
    if (this.recovered > 0) this.#generations.push({ from: 0, generation })
  }

  take(limits: BatchLimits): QueuedMessage[] {
    const source = this.#again.length > 0 ? this.#again : this.#inMemory(limits)
    const batch = batchOf(source.slice(0, limits.messages), limits)
    source.splice(0, batch.length)
    return batch
  }

  putBack(batch: readonly QueuedMessage[]): void {
    this.#again.unshift(...(batch as Spooled[]))
  }

  abandon(batch: readonly QueuedMessage[]): void {
    for (const message of batch) this.#kept.add(message)
  }

  remove(batch: readonly QueuedMessage[]): void {
    if (this.#isClosed) return
    for (const message of batch as readonly Spooled[]) {
      if (this.#kept.delete(message)) continue
      this.#settled.set(message.at, message.end)
      this.#bytes -= message.bytes + 1
    }
    let end: Place | undefined
    for (let place = this.#settled.get(this.#front); place !== undefined; place = this.#settled.get(this.#front)) {
      end = place
      this.#settled.delete(this.#front)
      this.#front += 1
    }
    if (end !== undefined) this.#moveCursor(end)
  }

  rest(): QueuedMessage[] {
    return []
  }

  close(): void {
    this.#isClosed = true
    this.#writer.close()
    this.#reader?.lines.close()
    // With nothing left the file that was written last goes as well.
    if (this.#front === this.#added) this.#moveCursor({ segment: this.#writer.next, offset: 0 })
    this.#cursorFile.close()
    this.#unlock()
  }

  #moveCursor(to: Place): void {
    const from = this.#cursor
    this.#cursorFile.write(to)
    this.#cursor = to
    for (let segment = from.segment; segment < to.segment; segment++) this.#removeSegment(segment)
  }

  #removeSegment(segment: number): void {
    rmSync(segmentPath(this.#folder, segment), { force: true })
  }

  /** Messages in memory; when there are none, some that are on disk alone are read. */
  #inMemory({ messages, bytes }: BatchLimits): Spooled[] {
    let held = 0
    while (this.#onDisk > 0 && this.#memory.length < messages && held < bytes) {
      const message = this.#readOne()
      this.#memory.push(message)
      held += message.bytes
    }
    return this.#memory
  }

  #readOne(): Spooled {
    const { segment, line, offset } = this.#nextLine()
    const json = line.toString()
    const at = this.#read++
    this.#onDisk -= 1
    const message: Spooled = {
      json,
      bytes: line.length,
      attempts: 0,
      at,
      end: { segment, offset },
      // Only who is told of an error wants to know it.
      get id() {
        return String((JSON.parse(json) as { messageId?: unknown }).messageId)
      },
    }
    while ((this.#generations[1]?.from ?? Infinity) <= at) this.#generations.shift()
    const mark = this.#generations[0]
    if (mark !== undefined && mark.from <= at && mark.generation !== undefined) message.generation = mark.generation
    message.settled = this.#callbacks.get(at) ?? this.#settling(message)
    this.#callbacks.delete(at)
    return message
  }

  /** The next message on disk. Lines of another process that are none are passed over; there are enough that are. */
  #nextLine(): { segment: number; line: Buffer; offset: number } {
    for (;;) {
      const reader = (this.#reader ??= {
        segment: this.#readFrom.segment,
        lines: new SegmentReader(this.#folder, this.#readFrom),
      })
      const { segment, lines } = reader
      const line = lines.next()
      if (line === undefined) this.#seek({ segment: segment + 1, offset: 0 })
      else if (segment > this.#lastForeign || isMessage(line)) return { segment, line, offset: lines.offset }
    }
  }

  #seek(place: Place): void {
    if (this.#reader?.segment === place.segment && this.#reader.lines.offset === place.offset) return
    this.#reader?.lines.close()
    this.#reader = undefined
    this.#readFrom = place
  }
}
