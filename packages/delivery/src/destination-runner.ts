import type { HttpClient, Payload } from '@millrace/component-kit'
import type { Message } from '@millrace/protocol'
import type { Cursor, Offset } from '@millrace/storage'
import { CommitLoop } from './commit-loop.ts'
import { compileActions } from './destination-config.ts'
import type { CompiledAction, DestinationConfig } from './destination-config.ts'
import { commitSettled } from './destination-committer.ts'
import type { CommitWork } from './destination-committer.ts'
import { letterKey, readCopy } from './dead/copy-store.ts'
import { DeadLetterKeeper } from './dead/dead-letter-keeper.ts'
import { isTooOld } from './delivery.ts'
import type { Delivery, Failure } from './delivery.ts'
import { DeliveryGate } from './delivery-gate.ts'
import type { OperatorPause } from './delivery-gate.ts'
import { DeliveryMetrics } from './delivery-metrics.ts'
import { DeliveryWindow } from './delivery-window.ts'
import type { WindowEntry } from './delivery-window.ts'
import type { Leftover } from './expire-backlog.ts'
import { idempotencyKey } from './idempotency-key.ts'
import { Lanes } from './lanes.ts'
import { LateOutcomes } from './late-outcomes.ts'
import { LetterBox } from './letter-box.ts'
import { deliveryOfParked, deliveryOfRow } from './make-delivery.ts'
import { Matcher } from './match.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { kindOf, storedKind } from './outcome-kind.ts'
import type { OutcomeKind, StoredKind } from './outcome-kind.ts'
import type { ParkedRow } from './parked-delivery.ts'
import { orderFailure, parkedFull } from './parked-message.ts'
import { ParkingLot } from './parking-lot.ts'
import { redrivenRow } from './redriven-row.ts'
import { readRedrivable } from './redrive-letters.ts'
import type { LetterPlace, Redriven } from './redrive-letters.ts'
import { secretsOf } from './preview/redact-request.ts'
import type { RunnerOptions } from './runner-options.ts'
import { readParked } from './read-parked.ts'
import type { ResolvedBlock } from './resolved-block.ts'
import type { Gate, LiveDestination } from './replay/replay-gate.ts'
import { Sender } from './sender.ts'
import { stateOf } from './runner-status.ts'
import type { RunnerStatus } from './runner-status.ts'
import { sleepUnless } from './sleep-unless.ts'
import { Turns } from './turns.ts'
import type { Turn } from './turns.ts'
import { untilRead } from './until-read.ts'
import { Wake } from './wake.ts'

/** Bounds of what is held in memory for one destination. */
const MAX_IN_FLIGHT = 10_000
const MAX_WINDOW_BYTES = 32 * 1024 * 1024
const COMMIT_AFTER_ROWS = 5_000
/** How long `stop` lets requests go on. */
const STOP_GRACE_MS = 8_000

/**
 * Delivers to one destination. Three activities share its window:
 * - scanning reads the feed, decides by trigger, maps, and puts deliveries into lanes; it stops while too much is in flight;
 * - lanes send, each in order;
 * - committing moves the cursor over what is settled.
 * A message is pending until its row is committed. Dying at any line means: it is delivered again, with the same key.
 */
export class DestinationRunner {
  readonly #options: RunnerOptions
  #config: DestinationConfig
  #workspaceVersion: number
  #matcher: Matcher<CompiledAction>
  #actions: readonly CompiledAction[]
  readonly #window: DeliveryWindow
  readonly #gate: Gate
  readonly #sender: Sender
  #isAtHead = false
  readonly #turn: Turn
  readonly #lanes: Lanes
  #scanned: Cursor
  #committed: Cursor
  /** Ends waiting; requests that are under way go on. */
  readonly #abort = new AbortController()
  readonly #room = new Wake()
  readonly #letters: LetterBox
  readonly #commits: CommitLoop<CommitWork>
  readonly #lot: ParkingLot
  readonly #late = new LateOutcomes()
  /** Letters that the next commit removes. */
  #redriven: readonly LetterPlace[] = []
  #scanning: Promise<void> | undefined
  #isRestored = false
  #lastFailure: RunnerStatus['lastFailure']
  readonly metrics = new DeliveryMetrics()

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#config = options.config
    this.#workspaceVersion = options.workspaceVersion
    this.#actions = compileActions(options.config, options.destination)
    this.#matcher = new Matcher(options.config, this.#actions)
    this.#window = new DeliveryWindow(options.cursor)
    this.#scanned = options.cursor
    this.#committed = options.cursor
    const { clock, pause, destination, turns = new Turns({ clock }) } = options
    this.#turn = turns.join()
    const gate = new DeliveryGate({
      clock,
      settings: () => this.#config.delivery,
      signal: this.#abort.signal,
      check: destination.check === undefined ? undefined : () => this.#sender.check(),
      pause,
      carried: options.carried,
      messagesPerSecond: () => this.#sender.rateOf('messagesPerSecond'),
      changed: () => this.#changed(),
    })
    this.#gate = options.gate ?? gate
    options.gate?.watch(() => this.#changed())
    const keeper = new DeadLetterKeeper(options.copies, () => secretsOf(destination.settings, this.#config.settings))
    this.#letters = new LetterBox(keeper, clock.now)
    this.#sender = new Sender({
      ...options,
      config: () => this.#config,
      keeper,
      metrics: this.metrics,
      ending: this.#abort.signal,
    })
    this.#lanes = this.#makeLanes()
    this.#lot = this.#makeLot()
    this.#commits = new CommitLoop({
      clock,
      signal: this.#abort.signal,
      take: () => this.#takeWork(),
      store: ({ settled, letters, parked }) =>
        commitSettled(options.state, this.#config.id, settled, letters, this.#workspaceVersion, { parked }),
      stored: (work) => this.#stored(work),
      failed: (error) =>
        options.warn(`cannot store the progress of destination "${this.#config.id}": ${String(error)}`),
    })
  }

  start(): void {
    this.#scanning = this.#scan()
  }

  /** Takes up a changed configuration: it holds for every message that is not yet scanned. */
  update(config: DestinationConfig, workspaceVersion: number): void {
    this.#actions = compileActions(config, this.#options.destination)
    this.#matcher = new Matcher(config, this.#actions)
    this.#config = config
    this.#workspaceVersion = workspaceVersion
    this.#gate.recheck()
    this.#changed()
  }

  /** Sends and scans nothing more until `resume`; what is under way ends as it does. */
  pause(pause: OperatorPause): void {
    this.#gate.pause(pause)
  }

  resume(): void {
    this.#gate.resume()
  }

  /** Its gate and client, for a replay that shares them and gives way to it. */
  get live(): { live: LiveDestination; http: HttpClient } {
    return { live: { gate: this.#gate, isBusy: () => this.#isBusy() }, http: this.#sender.http }
  }

  /** Whether what is new needs more than half of the connections, or all of a rate. */
  #isBusy(): boolean {
    if (!this.#isAtHead || this.#sender.underWay * 2 >= this.#config.delivery.concurrency) return true
    const now = this.#options.clock.now()
    return !this.#sender.hasRate(now) || !this.#gate.hasRate(now)
  }

  status(): RunnerStatus {
    return {
      state: stateOf(this.#config, this.#gate.hold, this.#lastFailure),
      cursor: this.#committed,
      inFlight: this.#window.inFlight,
      parked: this.#isRestored ? this.#lot.count : undefined,
      lastFailure: this.#lastFailure,
      hold: this.#gate.hold,
    }
  }

  /** Stops sending, waits a moment for requests that are under way, and commits what is settled. */
  async stop(): Promise<void> {
    this.#abort.abort()
    this.#room.wake()
    await this.#scanning
    // A request that is cut off may have been taken by its receiver, and would be sent again after the next start.
    const { clock } = this.#options
    const cut = clock.setTimeout(() => this.#sender.cut(), STOP_GRACE_MS)
    await this.#lanes.idle()
    clock.clearTimeout(cut)
    this.#lot.stop()
    await this.#commits.stop()
  }

  /** After `stop`: what is not committed. Undefined when it could not be stored: then only the stored cursor says where to go on. */
  leftover(): Leftover | undefined {
    if (this.#commits.gaveUp) return undefined
    const gate = this.#gate instanceof DeliveryGate ? this.#gate.carried : undefined
    return { window: this.#window, matcher: this.#matcher, gate, take: (to) => this.#takeBeside(to) }
  }

  async #scan(): Promise<void> {
    const { signal } = this.#abort
    await this.#restore()
    while (!signal.aborted) {
      for (const resolved of await this.#read()) {
        while ((this.#isFull() || this.#isHeld()) && !signal.aborted) {
          this.#lanes.pump(true)
          await this.#room.wait()
        }
        if (signal.aborted) return
        const skipped = this.#matcher.skip(resolved)
        if (skipped !== undefined) {
          this.#window.addWhole(resolved, skipped)
          this.#turn.passed(resolved.block.rowCount)
        } else if (!(await this.#takeRows(resolved))) {
          return
        }
        this.#scanned = { block: resolved.next, index: 0 }
        this.#scheduleCommit('later')
        if (this.#turn.isUsedUp) await this.#giveWay()
      }
      this.#lanes.pump(false)
    }
  }

  /** Takes up what was parked in an earlier life, before anything that comes after it is looked at. */
  async #restore(): Promise<void> {
    const { state, clock, pause } = this.#options
    // A pause that lasts from an earlier life does not count for what was attempted before.
    const pausedMs = this.#gate.pausedMs() - (pause === undefined ? 0 : clock.now() - pause.sinceMs)
    const rows = await this.#untilRead('what is parked', () => readParked(state, this.#config.id, this.#late, pausedMs))
    if (rows === undefined) return
    this.#lot.restore(rows)
    this.#isRestored = true
  }

  /** The next blocks, waiting for them at the head. */
  async #read(): Promise<readonly ResolvedBlock[]> {
    const { feed } = this.#options
    const { signal } = this.#abort
    const next = async (): Promise<readonly ResolvedBlock[]> => {
      for (;;) {
        const blocks = await feed.read(this.#scanned.block)
        if (blocks.length > 0 || signal.aborted) return blocks
        this.#lanes.pump(true)
        this.#isAtHead = true
        await feed
          .waitFor(this.#scanned.block, signal, (resolved) => this.#matcher.skip(resolved) === undefined)
          .finally(() => (this.#isAtHead = false))
        if (signal.aborted) return []
      }
    }
    return (await this.#untilRead('the log', next)) ?? []
  }

  #untilRead<T>(what: string, read: () => Promise<T>): Promise<T | undefined> {
    const failed = (error: unknown): void => {
      // No company comes for partial batches until it can be read.
      this.#lanes.pump(true)
      this.#options.warn(`destination "${this.#config.id}" cannot read ${what}: ${String(error)}`)
    }
    return untilRead(this.#options.clock, this.#abort.signal, failed, read)
  }

  #isFull(): boolean {
    const { inFlight, bytes } = this.#window
    return inFlight >= MAX_IN_FLIGHT || bytes >= MAX_WINDOW_BYTES || this.#lot.isFull
  }

  /** A backlog waits in the log, not in memory. With an open circuit there must be something to probe with. */
  #isHeld(): boolean {
    if (this.#gate.isPaused) return true
    return !this.#gate.isCircuitClosed && this.#window.inFlight > 0 && this.#config.enabled
  }

  /** Lets the others work; what was taken so far is sent meanwhile. */
  async #giveWay(): Promise<void> {
    this.#lanes.pump(false)
    await this.#turn.next()
  }

  /** @returns False when it is to stop: the rest is looked at after the next start. */
  async #takeRows(resolved: ResolvedBlock): Promise<boolean> {
    const { rowCount, firstReceivedAtMs } = resolved.block
    this.#turn.begin(firstReceivedAtMs)
    const kinds = new Uint32Array(rowCount)
    const matched: { row: number; actions: readonly CompiledAction[] }[] = []
    const firstRow = resolved.offset === this.#scanned.block ? this.#scanned.index : 0
    for (let row = firstRow; row < rowCount; row++) {
      const match = this.#matcher.match(resolved, row)
      if ('code' in match) kinds[row] = match.code
      else matched.push({ row, actions: match.actions })
    }
    const entry = this.#window.addRows(resolved, kinds)
    if (matched.length > 0) this.#turn.matched()
    for (const { row, actions } of matched) {
      if (this.#turn.isOver) {
        this.#turn.end(0)
        await this.#giveWay()
        if (this.#abort.signal.aborted) return false
        this.#turn.begin(firstReceivedAtMs)
      }
      this.#window.expect(entry, row, actions.length)
      for (const action of actions) this.#enqueue(entry, row, action)
    }
    // What was parked behind others may have been all that was in flight.
    this.#lot.pump()
    this.#turn.end(rowCount)
    return true
  }

  #enqueue(entry: WindowEntry, row: number, action: CompiledAction): void {
    const { id, delivery: settings } = this.#config
    const { delivery, failure } = deliveryOfRow(id, settings.order, entry, row, action)
    if (failure !== undefined) {
      this.#settle(delivery, outcomeCodes.deadInvalid, failure)
      return
    }
    const becomes = this.#lot.holds(delivery.key) ? this.#lot.parkBehind(delivery) : 'sendOn'
    if (becomes === 'sendOn') this.#lanes.push(delivery)
    else if (becomes === 'dead') this.#settle(delivery, outcomeCodes.deadOrder, orderFailure)
  }

  #makeLanes(): Lanes {
    const { clock, random } = this.#options
    const { now } = clock
    const { signal } = this.#abort
    return new Lanes({
      settings: () => this.#config.delivery,
      now,
      random,
      gate: this.#gate,
      send: (action, deliveries) => this.#sender.send(action, deliveries),
      settled: (delivery, code, failure) => this.#settle(delivery, code, failure),
      retrying: (failure, nextAttemptMs) => {
        this.metrics.retries++
        this.#lastFailure = { ...failure, atMs: now(), nextAttemptMs }
      },
      park: (lane, failure, nextAttemptMs) => this.#park(lane, failure, nextAttemptMs),
      sleep: (ms) => sleepUnless(clock, signal, ms),
      stopped: () => signal.aborted,
    })
  }

  #makeLot(): ParkingLot {
    const { clock, feed, state, warn } = this.#options
    return new ParkingLot({
      clock,
      settings: () => this.#config.delivery,
      parked: ({ origin, place, action }) => {
        const { entry } = origin as { entry: WindowEntry }
        this.#window.settle(entry, place.index, action.name, outcomeCodes.parked)
        return this.#kindOf(entry, place.index)
      },
      room: () => this.#roomForParked(),
      load: (row, of) =>
        deliveryOfParked(row, of, {
          destination: this.#config.id,
          actions: this.#actions,
          feed,
          copyOf: (row) => readCopy(state, letterKey(this.#config.id, row, row.action)),
          retryWindowMs: this.#config.delivery.retryWindowMs,
          nowMs: clock.now(),
          pausedMs: this.#gate.pausedMs(),
          isCircuitClosed: this.#gate.isCircuitClosed,
        }),
      push: (deliveries) => {
        for (const delivery of deliveries) this.#lanes.push(delivery)
        this.#lanes.pump(true)
      },
      ended: (row, burial) => this.#end(row, burial.code, burial.failure, burial.message),
      changed: () => this.#changed(),
      full: () => this.#gate.trip(parkedFull(this.#config.delivery)),
      warn,
    })
  }

  #changed(): void {
    this.#room.wake()
    this.#lot.pump()
  }

  /** Decides about a lane whose first delivery failed. With the circuit open the destination is to blame, not the message. */
  #park(lane: readonly Delivery[], failure: Failure, nextAttemptMs: number): boolean {
    const [first] = lane as readonly [Delivery]
    const { parkAfterMs } = this.#config.delivery
    const isNew = 'entry' in first.origin
    const waits = isTooOld(first, parkAfterMs, nextAttemptMs, this.#gate.pausedMs())
    if (isNew && (!waits || !this.#gate.isCircuitClosed || this.#gate.isPaused || this.#lot.isFull)) return false
    this.#lot.park(lane, failure, nextAttemptMs)
    this.#lot.pump()
    this.#scheduleCommit()
    return true
  }

  /** Tells the kind of a row once all of its actions have reported. */
  #kindOf(entry: WindowEntry, row: number): () => StoredKind {
    return () => storedKind(this.#window.kinds.list[(entry.kinds as Uint32Array)[row] as number] as OutcomeKind)
  }

  /** Parked deliveries wait while the destination does. With an open circuit they are probes only where nothing else is. */
  #roomForParked(): number {
    const { enabled, delivery } = this.#config
    const mayGo = enabled && !this.#gate.isPaused && (this.#gate.isCircuitClosed || this.#window.inFlight === 0)
    const atOnce = delivery.concurrency + Math.max(1, ...this.#actions.map(({ maxMessages }) => maxMessages))
    return mayGo ? atOnce - this.#lot.loaded : 0
  }

  #settle(delivery: Delivery, code: OutcomeCode, failure: Failure | undefined): void {
    const { action, payload, place, origin } = delivery
    if (code === outcomeCodes.delivered) {
      this.metrics.delivered(this.#options.clock.now() - delivery.receivedAtMs)
      this.#lastFailure = undefined
    }
    if ('entry' in origin) {
      const dead = { ...delivery, ...place, action: action.name, messageId: payload.messageId }
      const kind = this.#kindOf(origin.entry, place.index)
      if (failure !== undefined) this.#letters.write(dead, code, failure, delivery, { kind })
      this.#window.settle(origin.entry, place.index, action.name, code)
      this.#scheduleCommit()
    } else {
      const { attempts, history, firstAttemptMs } = delivery
      Object.assign(origin.parked, { attempts, ...(history && { history }), firstAttemptMs })
      this.#end(origin.parked, code, failure, delivery.message, payload)
      this.#lot.settled(origin)
    }
    this.#lot.pump()
    if (!this.#isFull()) this.#room.wake()
  }

  /** A parked delivery has its outcome. */
  #end(row: ParkedRow, code: OutcomeCode, failure: Failure | undefined, message?: Message, sent?: Payload): void {
    if (failure !== undefined) {
      const { messageId, action, copyBytes } = row
      const key = idempotencyKey(this.#config.id, action, messageId)
      const payload = sent ?? { action, values: {}, messageId, idempotencyKey: key }
      const options = { keptBytes: copyBytes }
      const isNew = this.#letters.write(row, code, failure, message && { message, payload }, options)
      // The copy of an earlier death stays with the letter, unless there is a new one.
      if (!isNew) row.copyBytes = undefined
    }
    this.#late.settle(row, row.action, code)
    this.#scheduleCommit()
  }

  /** Sends dead deliveries again, with their idempotency keys: one transaction takes each from dead to parked, where it is due at once. */
  redrive(letters: readonly LetterPlace[], tail: Offset): Promise<Redriven> {
    const { state, clock, feed } = this.#options
    if (!this.#isRestored) return Promise.reject(new Error(`destination "${this.#config.id}" is just being started`))
    return this.#commits.store(async () => {
      const { found, skipped } = await readRedrivable(state, this.#config.id, letters, feed, tail)
      this.#lot.add(found.map((each) => redrivenRow(each, this.#late, clock.now())))
      this.#redriven = found.map(({ place }) => place)
      return { redriven: [...this.#redriven], skipped }
    })
  }

  #scheduleCommit(when: 'soon' | 'later' = 'soon'): void {
    this.#commits.schedule(this.#window.settledRows >= COMMIT_AFTER_ROWS ? 'now' : when)
  }

  /** Runs what changes this destination's stored state between two commits. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    return this.#commits.between(task)
  }

  #takeWork(): CommitWork | undefined {
    const settled = this.#window.take()
    const beside = this.#takeBeside(settled?.to ?? this.#committed)
    const { puts, deletes, late } = beside.parked
    if (settled === undefined && puts.length === 0 && deletes.length === 0 && late.length === 0) return undefined
    return { ...beside, settled }
  }

  /** What is stored beside the outcomes of rows when the cursor comes to `to`. */
  #takeBeside(to: Cursor): Omit<CommitWork, 'settled'> {
    const { puts, deletes, added } = this.#lot.take(to)
    const redriven = this.#redriven
    this.#redriven = []
    const parked = { puts, deletes, late: this.#late.take(), redriven, pausedMs: this.#gate.pausedMs() }
    return { letters: this.#letters.take(to), added, parked }
  }

  #stored({ settled, letters, added, parked }: CommitWork): void {
    for (const { copyBytes } of parked.deletes) {
      if (copyBytes !== undefined) this.#options.copies?.removed(1, copyBytes)
    }
    this.#late.stored(parked.late)
    this.#letters.stored(letters)
    for (const row of added) this.#late.open(row, row.source, kindOf(row.kind))
    this.#lot.stored(added)
    if (settled !== undefined) this.#committed = settled.to
    if (!this.#isFull()) this.#room.wake()
  }
}
