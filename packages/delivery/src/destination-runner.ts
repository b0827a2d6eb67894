import type { AnyDestination, DeliverContext, HttpClient, Outcome, Payload } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor, StateStore } from '@millrace/storage'
import { compileActions } from './destination-config.ts'
import type { CompiledAction, DestinationConfig } from './destination-config.ts'
import type { Clock } from './clock.ts'
import { CommitTimer } from './commit-timer.ts'
import { commitSettled } from './destination-committer.ts'
import type { PlacedDeadLetter } from './destination-committer.ts'
import type { CopyBudget } from './dead/copy-budget.ts'
import { DeadLetterKeeper } from './dead/dead-letter-keeper.ts'
import { ExchangeRecorder } from './dead/exchange-recorder.ts'
import { DeliveryGate } from './delivery-gate.ts'
import type { CarriedGate, Hold, OperatorPause } from './delivery-gate.ts'
import { DeliveryMetrics } from './delivery-metrics.ts'
import { DeliveryWindow } from './delivery-window.ts'
import type { WindowEntry } from './delivery-window.ts'
import type { Leftover } from './expire-backlog.ts'
import { idempotencyKey } from './idempotency-key.ts'
import { Lanes } from './lanes.ts'
import type { Delivery, Failure } from './delivery.ts'
import { orderKeyOf } from './order-key.ts'
import { Matcher } from './match.ts'
import { outcomeCodes, outcomeTerms } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { secretsOf } from './preview/redact-request.ts'
import { RateLimit, limitRequests } from './rate-limit.ts'
import type { ResolvedBlock } from './resolved-block.ts'
import type { FeedReader } from './replay/range-feed.ts'
import type { Gate, LiveDestination } from './replay/replay-gate.ts'
import { sleepUnless } from './sleep-unless.ts'
import { Turns } from './turns.ts'
import type { Turn } from './turns.ts'
import { Wake } from './wake.ts'

/**
 * Delivers to one destination. Three activities share its window:
 * - scanning reads the feed, decides by trigger, maps, and puts deliveries into lanes; it stops while too much is in flight;
 * - lanes send, each in order;
 * - committing moves the cursor over what is settled.
 * A message is pending until its row is committed. Dying at any line means: it is delivered again, with the same key.
 */
export interface RunnerOptions {
  config: DestinationConfig
  destination: AnyDestination
  workspaceVersion: number
  feed: FeedReader
  state: StateStore
  /** Where the last run's commit ended, or where the destination begins. */
  cursor: Cursor
  /** Asked for each request, because a changed configuration may bring another client. */
  http: () => HttpClient
  dataDirectory: string
  /** How much may be kept of dead messages. Default: whatever comes. */
  copies?: CopyBudget
  /** Set when an operator paused it in an earlier life. */
  pause?: OperatorPause | undefined
  /** In place of one of its own. */
  gate?: Gate
  /** How the gate of its predecessor stood, if it goes on in place of one that was stopped just now. */
  carried?: CarriedGate | undefined
  clock: Clock
  /** In which all destinations of the process scan. Default: its own. */
  turns?: Turns
  random: () => number
  warn: (message: string) => void
}

/** Bounds of what is held in memory for one destination. */
const MAX_IN_FLIGHT = 10_000
const MAX_WINDOW_BYTES = 32 * 1024 * 1024
const COMMIT_AFTER_ROWS = 5_000
/** How long `stop` lets requests go on. */
const STOP_GRACE_MS = 8_000

export interface RunnerStatus {
  /** `paused`: by an operator or for its credentials; `open`: its circuit. */
  state: 'running' | 'retrying' | 'disabled' | 'paused' | 'open'
  cursor: Cursor
  inFlight: number
  lastFailure: (Failure & { atMs: number; nextAttemptMs: number }) | undefined
  /** Why nothing is sent, when that is so. */
  hold: Hold | undefined
}

export class DestinationRunner {
  readonly #options: RunnerOptions
  #config: DestinationConfig
  #workspaceVersion: number
  #matcher: Matcher<CompiledAction>
  readonly #window: DeliveryWindow
  readonly #gate: Gate
  readonly #http: HttpClient
  readonly #requests: RateLimit
  /** Calls of actions that are under way. */
  #sending = 0
  #isAtHead = false
  readonly #lanes: Lanes
  #scanned: Cursor
  #committed: Cursor
  /** Ends waiting; requests that are under way go on. */
  readonly #abort = new AbortController()
  /** Ends requests. */
  readonly #cut = new AbortController()
  readonly #room = new Wake()
  #deadLetters: PlacedDeadLetter[] = []
  readonly #keeper: DeadLetterKeeper
  readonly #commitTimer: CommitTimer
  readonly #turn: Turn
  #committing: Promise<void> = Promise.resolve()
  #commitIsQueued = false
  /** What was taken out of the window could not be stored before the end: nothing that comes after it may be either. */
  #commitFailed = false
  #scanning: Promise<void> | undefined
  #lastFailure: RunnerStatus['lastFailure']
  readonly metrics = new DeliveryMetrics()

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#config = options.config
    this.#workspaceVersion = options.workspaceVersion
    this.#matcher = new Matcher(options.config, compileActions(options.config, options.destination))
    this.#window = new DeliveryWindow(options.cursor)
    this.#scanned = options.cursor
    this.#committed = options.cursor
    const { clock, pause, destination, turns = new Turns({ clock }) } = options
    this.#turn = turns.join()
    this.#commitTimer = new CommitTimer(clock, () => void this.#commit())
    const gate = new DeliveryGate({
      clock,
      settings: () => this.#config.delivery,
      signal: this.#abort.signal,
      check: destination.check === undefined ? undefined : () => this.#check(),
      pause,
      carried: options.carried,
      messagesPerSecond: () => this.#rateOf('messagesPerSecond'),
      changed: () => this.#room.wake(),
    })
    this.#gate = options.gate ?? gate
    options.gate?.watch(() => this.#room.wake())
    this.#requests = new RateLimit(() => this.#rateOf('requestsPerSecond'))
    this.#http = limitRequests(options.http, this.#requests, clock, this.#abort.signal)
    this.#keeper = new DeadLetterKeeper(options.copies, () => secretsOf(destination.settings, this.#config.settings))
    this.#lanes = this.#makeLanes()
  }

  start(): void {
    this.#scanning = this.#scan()
  }

  /** Takes up a changed configuration: it holds for every message that is not yet scanned. */
  update(config: DestinationConfig, workspaceVersion: number): void {
    this.#matcher = new Matcher(config, compileActions(config, this.#options.destination))
    this.#config = config
    this.#workspaceVersion = workspaceVersion
    this.#gate.recheck()
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
    return { live: { gate: this.#gate, isBusy: () => this.#isBusy() }, http: this.#http }
  }

  /** Whether what is new needs more than half of the connections, or all of a rate. */
  #isBusy(): boolean {
    if (!this.#isAtHead || this.#sending * 2 >= this.#config.delivery.concurrency) return true
    const now = this.#options.clock.now()
    return this.#requests.waitMs(now) > 0 || !this.#gate.hasRate(now)
  }

  status(): RunnerStatus {
    return {
      state: stateOf(this.#config, this.#gate.hold, this.#lastFailure),
      cursor: this.#committed,
      inFlight: this.#window.inFlight,
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
    const cut = clock.setTimeout(() => this.#cut.abort(), STOP_GRACE_MS)
    await this.#lanes.idle()
    clock.clearTimeout(cut)
    this.#commitTimer.stop()
    await this.#commit()
  }

  /** After `stop`: what is not committed. Undefined when it could not be stored: then only the stored cursor says where to go on. */
  leftover(): Leftover | undefined {
    if (this.#commitFailed) return undefined
    const gate = this.#gate instanceof DeliveryGate ? this.#gate.carried : undefined
    return { window: this.#window, letters: this.#deadLetters, matcher: this.#matcher, gate }
  }

  async #scan(): Promise<void> {
    const { signal } = this.#abort
    while (!signal.aborted) {
      for (const resolved of await this.#read()) {
        while ((this.#isFull() || this.#isHeld()) && !signal.aborted) {
          this.#lanes.pump(true)
          await this.#room.wait()
        }
        if (signal.aborted) return
        this.#turn.begin(resolved.block.firstReceivedAtMs)
        const skipped = this.#matcher.skip(resolved)
        if (skipped !== undefined) this.#window.addWhole(resolved, skipped)
        else if (!(await this.#takeRows(resolved))) return
        this.#scanned = { block: resolved.next, index: 0 }
        this.#scheduleCommit('later')
        this.#turn.end(resolved.block.rowCount)
        if (this.#turn.isUsedUp) await this.#giveWay()
      }
      this.#lanes.pump(false)
    }
  }

  /** The next blocks, waiting for them at the head. A log or state that cannot be read now is tried again: nothing was taken yet. */
  async #read(): Promise<readonly ResolvedBlock[]> {
    const { feed } = this.#options
    const { signal } = this.#abort
    for (;;) {
      try {
        const blocks = await feed.read(this.#scanned.block)
        if (blocks.length > 0 || signal.aborted) return blocks
        this.#lanes.pump(true)
        this.#isAtHead = true
        await feed.waitFor(this.#scanned.block, signal).finally(() => (this.#isAtHead = false))
        if (signal.aborted) return []
      } catch (error) {
        if (signal.aborted) return []
        // No company comes for partial batches until the log can be read.
        this.#lanes.pump(true)
        this.#options.warn(`destination "${this.#config.id}" cannot read the log: ${String(error)}`)
        await sleepUnless(this.#options.clock, signal, 1_000)
      }
    }
  }

  #isFull(): boolean {
    return this.#window.inFlight >= MAX_IN_FLIGHT || this.#window.bytes >= MAX_WINDOW_BYTES
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
    const { rowCount } = resolved.block
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
        this.#turn.begin(resolved.block.firstReceivedAtMs)
      }
      this.#window.expect(entry, row, actions.length)
      for (const action of actions) this.#enqueue(entry, row, action)
    }
    return true
  }

  #enqueue(entry: WindowEntry, row: number, action: CompiledAction): void {
    const message = entry.resolved.message(row)
    const delivery: Delivery = {
      action,
      payload: {
        action: action.actionName,
        values: {},
        idempotencyKey: idempotencyKey(this.#config.id, action.name, message.messageId),
        messageId: message.messageId,
      },
      message,
      source: entry.resolved.block.source(row),
      receivedAtMs: entry.resolved.block.receivedAtMs(row),
      place: { block: entry.resolved.offset, index: row },
      key: this.#config.delivery.order === 'none' ? undefined : orderKeyOf(message),
      bytes: entry.resolved.block.raw(row).length,
      attempts: 0,
      history: undefined,
      firstAttemptMs: 0,
      pausedBeforeMs: 0,
      origin: { entry },
    }
    try {
      const parsed = action.payload.parse(action.mapping.apply(message))
      if (parsed.problems === undefined) {
        delivery.payload.values = parsed.values
        this.#lanes.push(delivery)
        return
      }
      const problems = parsed.problems.map(({ path, message: problem }) => `${path}: ${problem}`).join('; ')
      this.#settle(delivery, outcomeCodes.deadInvalid, { code: 'invalid_fields', message: problems })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#settle(delivery, outcomeCodes.deadInvalid, { code: 'mapping_failed', message: reason })
    }
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
      send: (action, deliveries) => this.#send(action, deliveries),
      settled: (delivery, code, failure) => this.#settle(delivery, code, failure),
      retrying: (failure, nextAttemptMs) => {
        this.metrics.retries++
        this.#lastFailure = { ...failure, atMs: now(), nextAttemptMs }
      },
      park: () => false,
      sleep: (ms) => sleepUnless(clock, signal, ms),
      stopped: () => signal.aborted,
    })
  }

  async #send(action: CompiledAction, deliveries: readonly Delivery[]): Promise<readonly Outcome[]> {
    const payloads: readonly Payload[] = deliveries.map(({ payload }) => payload)
    const { now } = this.#options.clock
    const recorder = new ExchangeRecorder(this.#http, payloads.length)
    const context = { ...this.#context(), http: recorder }
    const startedMs = now()
    let outcomes: readonly Outcome[]
    this.#sending++
    try {
      outcomes = await action.action.deliver(context, payloads)
      if (outcomes.length !== payloads.length) {
        throw new Error(`"${action.actionName}" answered ${outcomes.length} outcomes for ${payloads.length} messages`)
      }
    } catch (error) {
      // A mistake in the destination's code. Trying again is safe, and the window ends it.
      const message = error instanceof Error ? error.message : String(error)
      this.#options.warn(`destination "${this.#config.id}" failed in its own code: ${message}`)
      outcomes = payloads.map(() => ({ status: 'retry', code: 'exception', message }))
    }
    this.#sending--
    this.metrics.request(now() - startedMs, outcomes)
    this.#keeper.remember(recorder, payloads, outcomes)
    return outcomes
  }

  async #check(): Promise<Outcome> {
    const { destination } = this.#options
    return (await destination.check?.(this.#context())) ?? { status: 'delivered' }
  }

  /** What the user says, else what the service asks for; 0 stands for no limit. */
  #rateOf(name: 'requestsPerSecond' | 'messagesPerSecond'): number {
    return this.#config.delivery[name] ?? this.#options.destination.rateLimit?.[name] ?? 0
  }

  #context(): DeliverContext<JsonObject> {
    const { clock, dataDirectory } = this.#options
    return {
      settings: this.#config.settings,
      http: this.#http,
      signal: this.#cut.signal,
      now: clock.now,
      destinationId: this.#config.id,
      dataDirectory,
    }
  }

  #settle(delivery: Delivery, code: OutcomeCode, failure: Failure | undefined): void {
    const { action, payload, place, origin } = delivery
    const now = this.#options.clock.now()
    if (failure === undefined) {
      this.metrics.delivered(now - delivery.receivedAtMs)
      this.#lastFailure = undefined
    } else {
      const copy = this.#keeper.copyOf(delivery.message, payload)
      this.#deadLetters.push({
        ...place,
        copy,
        letter: {
          messageId: payload.messageId,
          source: delivery.source,
          action: action.name,
          reason: outcomeTerms[code]?.reason ?? String(code),
          code: failure.code,
          detail: failure.message.slice(0, 2048),
          attempts: delivery.attempts,
          ...(delivery.history && { history: delivery.history }),
          ...(delivery.attempts > 0 && { firstAttemptAt: new Date(delivery.firstAttemptMs).toISOString() }),
          at: new Date(now).toISOString(),
          ...(copy && { copyBytes: copy.length }),
        },
      })
    }
    if ('entry' in origin) this.#window.settle(origin.entry, place.index, action.name, code)
    this.#scheduleCommit('soon')
    if (!this.#isFull()) this.#room.wake()
  }

  #scheduleCommit(when: 'soon' | 'later'): void {
    if (this.#window.settledRows >= COMMIT_AFTER_ROWS) this.#commitTimer.now()
    else this.#commitTimer[when]()
  }

  #commit(): Promise<void> {
    if (!this.#commitIsQueued) {
      this.#commitIsQueued = true
      this.#committing = this.#committing.then(() => this.#commitNow())
    }
    return this.#committing
  }

  /** Runs what changes this destination's stored state between two commits. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#committing.then(task)
    this.#committing = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  /** A commit that fails (disk full) is tried again: what it took out of the window is kept until it is stored. */
  async #commitNow(): Promise<void> {
    this.#commitIsQueued = false
    if (this.#commitFailed) return
    const settled = this.#window.take()
    if (settled === undefined) return
    const before = (letter: PlacedDeadLetter): boolean => compareCursors(letter, settled.to) < 0
    const letters = this.#deadLetters.filter(before)
    this.#deadLetters = this.#deadLetters.filter((letter) => !before(letter))
    for (let attempt = 1; ; attempt++) {
      try {
        await commitSettled(this.#options.state, this.#config.id, settled, letters, this.#workspaceVersion)
        break
      } catch (error) {
        this.#options.warn(`cannot store the progress of destination "${this.#config.id}": ${String(error)}`)
        if (this.#abort.signal.aborted) {
          this.#commitFailed = true
          return
        }
        await sleepUnless(this.#options.clock, this.#abort.signal, Math.min(5_000, 100 * 2 ** attempt))
      }
    }
    this.#committed = settled.to
    this.#keeper.stored(letters)
    if (!this.#isFull()) this.#room.wake()
  }
}

/** The state of a destination, in the order of what a person should know first. */
export const stateOf = (
  { enabled }: Pick<DestinationConfig, 'enabled'>,
  hold: Hold | undefined,
  lastFailure: RunnerStatus['lastFailure'],
): RunnerStatus['state'] => {
  if (hold !== undefined && hold.cause !== 'circuit') return 'paused'
  if (!enabled) return 'disabled'
  if (hold !== undefined) return 'open'
  return lastFailure === undefined ? 'running' : 'retrying'
}
