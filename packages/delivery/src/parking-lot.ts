import { compareCursors } from '@millrace/storage'
import type { Cursor } from '@millrace/storage'
import type { Clock } from './clock.ts'
import type { Delivery, Failure } from './delivery.ts'
import type { DeliverySettings } from './delivery-settings.ts'
import { Fifo } from './fifo.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { StoredKind } from './outcome-kind.ts'
import { laneKeyOf } from './parked-delivery.ts'
import { orderFailure } from './parked-message.ts'
import type { Burial } from './parked-message.ts'
import type { ParkedKey, ParkedRow } from './parked-delivery.ts'

/**
 * Where the deliveries of one destination wait that have failed for some time, and those of the same key that came later.
 * The cursor has passed them, so they hold back nobody else. A parked delivery goes through these states:
 *
 *     new       its row in the window is settled as parked, and not yet stored. It cannot go on before it is.
 *     waiting   for its next attempt, or for what is before it of its key.
 *     due       its turn has come; it waits for room in the lanes.
 *     loaded    its message was read and mapped again, and it is in a lane as any other. From there it ends, or is parked again.
 *
 * A key is held here for as long as it has a delivery that is not loaded: what comes of it meanwhile is parked behind, without
 * an attempt. Too many or too long, and `afterParking` says what happens to what comes later.
 */
export interface ParkingLotOptions {
  clock: Clock
  settings: () => Pick<
    DeliverySettings,
    'parkedMax' | 'parkedPerKey' | 'parkedForMs' | 'retryWindowMs' | 'afterParking'
  >
  /** Settles the row of a delivery in the window as parked; what it returns tells the kind of that row once it is complete. */
  parked: (delivery: Delivery) => () => StoredKind
  /** How many more deliveries may go into the lanes now. */
  room: () => number
  /** Reads and maps the message of a parked delivery, or says why it ends here. */
  load: (row: ParkedRow, of: ParkedKey) => Promise<Delivery | Burial>
  /** Takes deliveries whose turn has come. */
  push: (deliveries: readonly Delivery[]) => void
  /** A parked delivery has its outcome. */
  ended: (row: ParkedRow, burial: Burial) => void
  /** Something is to be committed, or its turn has come. */
  changed: () => void
  /** The bound of all was reached. */
  full: () => void
  warn: (message: string) => void
}

/** What waits behind one delivery is loaded in parts. */
const LOAD_AT_ONCE = 32
const RELOAD_AFTER_MS = 1_000
/** The longest that a timer takes. */
const LONGEST_MS = 2 ** 31 - 1

export class ParkingLot {
  readonly #options: ParkingLotOptions
  /** Keys that hold back what comes of them. */
  readonly #held = new Map<string, ParkedKey>()
  readonly #timers = new Set<ParkedKey>()
  readonly #due = new Fifo<ParkedKey>()
  /** Not yet stored, with what their row in the window becomes. */
  readonly #new = new Map<ParkedRow, () => StoredKind>()
  readonly #waitForStore = new Set<ParkedKey>()
  readonly #changed = new Set<ParkedRow>()
  #gone: ParkedRow[] = []
  /** Those that somebody has redriven count for no bound: they came from outside of the flow. */
  #redriven = 0
  #stopped = false
  /** Parked deliveries, the loaded ones included. */
  count = 0
  /** Deliveries that are being loaded, or are in a lane. */
  loaded = 0

  constructor(options: ParkingLotOptions) {
    this.#options = options
  }

  get isFull(): boolean {
    return this.count - this.#redriven >= this.#options.settings().parkedMax
  }

  /** Whether what comes of a key is to be parked behind it. */
  holds(key: string | undefined): boolean {
    return key !== undefined && this.#held.has(key)
  }

  /** Takes up rows that are stored, in their order. */
  restore(rows: readonly ParkedRow[]): void {
    const queues = new Map<string, ParkedKey>()
    const all: ParkedKey[] = []
    for (const row of rows) {
      const key = laneKeyOf(row)
      // What was overtaken waits in a queue of its own.
      const name = `${row.overtaken === true ? 'overtaken' : 'held'} ${key}`
      let of = key === undefined ? undefined : queues.get(name)
      if (of === undefined) {
        of = newKey(row.overtaken === true ? undefined : key)
        all.push(of)
        queues.set(name, of)
        if (of.key !== undefined) this.#held.set(of.key, of)
      }
      of.rows.push(row)
    }
    const redriven = rows.filter(({ redrivenAt }) => redrivenAt !== undefined).length
    this.count += redriven
    this.#redriven += redriven
    this.#count(rows.length - redriven)
    for (const of of all) this.#arrange(of)
  }

  /** Takes over a lane whose first delivery has failed. */
  park(lane: readonly Delivery[], failure: Failure, nextAttemptMs: number): void {
    const [first] = lane as readonly [Delivery]
    const of = 'parked' in first.origin ? first.origin.of : newKey(first.key)
    const rows = lane.map((delivery) => this.#rowOf(delivery))
    of.rows = [...rows, ...of.rows]
    if (of.key !== undefined) this.#held.set(of.key, of)
    const [head] = rows as [ParkedRow]
    head.failure = { code: failure.code, message: failure.message.slice(0, 2048) }
    head.nextAttemptMs = nextAttemptMs
    this.#sendOnBehind(of)
    this.#arrange(of)
    // Where a key was detached while it had some in the lane, the lane holds those of its next queue as well.
    for (const { origin } of lane) if ('parked' in origin && origin.of !== of) this.#arrange(origin.of)
    this.#options.changed()
  }

  /**
   * Parks a delivery behind its key, which is held. Or says that it is not: because it is to be sent without waiting, or is dead.
   */
  parkBehind(delivery: Delivery): 'parked' | 'sendOn' | 'dead' {
    const of = this.#held.get(delivery.key as string) as ParkedKey
    const { parkedPerKey, afterParking } = this.#options.settings()
    if (of.rows.length + of.loaded >= parkedPerKey || this.#hasWaitedLong(of.rows[0])) {
      if (afterParking === 'dead') return 'dead'
      this.#detach(of)
      return 'sendOn'
    }
    of.rows.push(this.#rowOf(delivery))
    return 'parked'
  }

  /** Takes dead deliveries that are redriven: they are due as soon as they are stored. */
  add(rows: readonly ParkedRow[]): void {
    for (const row of rows) {
      const key = laneKeyOf(row)
      let of = key === undefined ? undefined : this.#held.get(key)
      of ??= newKey(key)
      if (key !== undefined) this.#held.set(key, of)
      of.rows.push(row)
      this.#new.set(row, () => row.kind)
      this.#arrange(of)
    }
    this.count += rows.length
    this.#redriven += rows.length
  }

  /** A delivery that was loaded has its outcome. */
  settled({ parked, of }: { parked: ParkedRow; of: ParkedKey }): void {
    this.#release(of, 1)
    this.#remove(parked)
    this.#arrange(of)
  }

  /** Loads those whose turn has come, as far as there is room. */
  pump(): void {
    while (!this.#stopped && this.#due.length > 0 && this.#options.room() > 0) {
      const of = this.#due.shift() as ParkedKey
      of.isDue = false
      void this.#load(of)
    }
  }

  /** What is to be stored with a commit that moves the cursor to `to`. */
  take(to: Cursor): { puts: ParkedRow[]; deletes: ParkedRow[]; added: ParkedRow[] } {
    const added: ParkedRow[] = []
    for (const [row, kind] of this.#new) {
      if (compareCursors(row, to) >= 0) continue
      row.kind = kind()
      added.push(row)
    }
    const puts = [...added, ...this.#changed]
    const deletes = this.#gone
    this.#changed.clear()
    this.#gone = []
    return { puts, deletes, added }
  }

  /** What `take` added is stored. */
  stored(added: readonly ParkedRow[]): void {
    for (const row of added) this.#new.delete(row)
    const waiting = [...this.#waitForStore]
    this.#waitForStore.clear()
    for (const of of waiting) this.#arrange(of)
  }

  stop(): void {
    this.#stopped = true
    for (const { timer } of this.#timers) this.#options.clock.clearTimeout(timer)
  }

  async #load(of: ParkedKey): Promise<void> {
    const rows = of.rows.splice(0, this.#loadable(of))
    of.loaded += rows.length
    this.loaded += rows.length
    const deliveries: Delivery[] = []
    try {
      for (const row of rows) {
        const loaded = await this.#options.load(row, of)
        if (this.#stopped) return
        if ('payload' in loaded) deliveries.push(loaded)
        else this.#bury(row, loaded, of)
      }
    } catch (error) {
      this.#options.warn(`a parked message could not be read, and is tried again: ${String(error)}`)
      const rest = rows.slice(rows.length - (of.loaded - deliveries.length))
      this.#release(of, rest.length)
      of.rows = [...rest, ...of.rows]
      if (rest[0] !== undefined) rest[0].nextAttemptMs = this.#options.clock.now() + RELOAD_AFTER_MS
    }
    // From here on what comes of the key goes behind them into the lane.
    if (of.rows.length === 0 && of.key !== undefined && this.#held.get(of.key) === of) this.#held.delete(of.key)
    if (deliveries.length > 0) this.#options.push(deliveries)
    this.#arrange(of)
    // Those that ended here have left their room.
    this.pump()
  }

  /** How many of a key may be loaded: only stored ones, and those that were overtaken one by one. */
  #loadable({ key, rows }: ParkedKey): number {
    const most = key === undefined ? 1 : Math.max(1, Math.min(LOAD_AT_ONCE, this.#options.room()))
    const end = rows.findIndex((row, at) => at >= most || this.#new.has(row))
    return end === -1 ? rows.length : end
  }

  #bury(row: ParkedRow, burial: Burial, of: ParkedKey): void {
    this.#options.ended(row, burial)
    this.#release(of, 1)
    this.#remove(row)
  }

  /** Waits until the first of a key may go on, and puts it among those whose turn has come. */
  #arrange(of: ParkedKey): void {
    const [head] = of.rows
    if (head === undefined || of.loaded > 0 || of.isDue || this.#stopped) return
    const { clock, changed } = this.#options
    clock.clearTimeout(of.timer)
    this.#timers.delete(of)
    if (this.#new.has(head)) {
      this.#waitForStore.add(of)
      return
    }
    const waitMs = head.nextAttemptMs - clock.now()
    if (waitMs > 0) {
      this.#timers.add(of)
      of.timer = clock.setTimeout(() => this.#arrange(of), Math.min(waitMs, LONGEST_MS))
      return
    }
    of.isDue = true
    this.#due.push(of)
    changed()
  }

  /** Where the next of a key has waited too long behind the first, it no longer does. */
  #sendOnBehind(of: ParkedKey): void {
    const [head, next] = of.rows
    if (head === undefined || next === undefined || !this.#hasWaitedLong(next)) return
    if (this.#options.settings().afterParking === 'sendOn') {
      of.rows.shift()
      const alone = newKey(undefined)
      alone.rows.push(head)
      this.#overtake(head)
      this.#arrange(alone)
      return
    }
    for (;;) {
      const row = of.rows[1]
      if (row === undefined || !this.#hasWaitedLong(row) || this.#new.has(row)) return
      of.rows.splice(1, 1)
      this.#options.ended(row, { code: outcomeCodes.deadOrder, failure: orderFailure })
      this.#remove(row)
    }
  }

  #hasWaitedLong(row: ParkedRow | undefined): boolean {
    if (row === undefined) return false
    const { parkedForMs, retryWindowMs } = this.#options.settings()
    return this.#options.clock.now() - row.parkedMs >= (parkedForMs ?? retryWindowMs)
  }

  /** What comes later of the key no longer waits for what is parked. */
  #detach(of: ParkedKey): void {
    if (of.key !== undefined) this.#held.delete(of.key)
    of.key = undefined
    for (const row of of.rows) this.#overtake(row)
  }

  #overtake(row: ParkedRow): void {
    row.overtaken = true
    if (!this.#new.has(row)) this.#changed.add(row)
  }

  #rowOf(delivery: Delivery): ParkedRow {
    const { origin, attempts, history, firstAttemptMs, pausedBeforeMs } = delivery
    const nowMs = this.#options.clock.now()
    const progress = { attempts, ...(history && { history }), firstAttemptMs, pausedBeforeMs, nextAttemptMs: 0 }
    if ('parked' in origin) {
      const row = Object.assign(origin.parked, progress)
      this.#release(origin.of, 1)
      this.#changed.add(row)
      return row
    }
    const row: ParkedRow = {
      ...delivery.place,
      action: delivery.action.name,
      source: delivery.source,
      messageId: delivery.payload.messageId,
      ...(delivery.key !== undefined && { key: delivery.key }),
      kind: [],
      pausedMs: 0,
      parkedMs: nowMs,
      ...progress,
    }
    this.#new.set(row, this.#options.parked(delivery))
    this.#count(1)
    return row
  }

  #release(of: ParkedKey, count: number): void {
    of.loaded -= count
    this.loaded -= count
  }

  #remove(row: ParkedRow): void {
    this.count--
    if (row.redrivenAt !== undefined) this.#redriven--
    this.#changed.delete(row)
    this.#gone.push(row)
  }

  #count(added: number): void {
    const wasFull = this.isFull
    this.count += added
    if (!wasFull && this.isFull) this.#options.full()
  }
}

const newKey = (key: string | undefined): ParkedKey => ({ key, rows: [], loaded: 0, isDue: false })
