import type { AnyDestination, HttpClient } from '@millrace/component-kit'
import type { Cursor, StateStore } from '@millrace/storage'
import type { Clock } from '../clock.ts'
import type { OperatorPause } from '../delivery-gate.ts'
import type { DeliveryMetrics } from '../delivery-metrics.ts'
import { consumerOf, deliveryState } from '../delivery-state.ts'
import type { DestinationConfig } from '../destination-config.ts'
import { CopyBudget } from '../dead/copy-budget.ts'
import { DestinationRunner } from '../destination-runner.ts'
import type { ResolvedFeed } from '../resolved-feed.ts'
import type { Turns } from '../turns.ts'
import { AccountStore, MAX_LETTERS } from './account-store.ts'
import { failedRowsOf } from './failed-rows.ts'
import { RangeFeed } from './range-feed.ts'
import { replayDestination } from './replay-destination.ts'
import { ReplayGate } from './replay-gate.ts'
import type { LiveDestination } from './replay-gate.ts'
import { accountOf, replayIdOf } from './replay-record.ts'
import type { StoredReplay } from './replay-record.ts'
import { selectionOf } from './selected-block.ts'

/**
 * Sends one part of the log to a destination again: a `DestinationRunner` like that of live traffic, over a feed that holds
 * only what was selected, with an account of its own, through a gate that lets live traffic go first. What holds for delivery
 * holds for a replay: order of each person, retries, one idempotency key for all attempts, outcomes and cursor in one
 * transaction, and a restart that sends again only what was in flight.
 *
 * It is done when its cursor is at the end of its range and none of its deliveries waits for another attempt.
 */
export interface ReplayRunnerOptions {
  replay: StoredReplay
  config: DestinationConfig
  workspaceVersion: number
  destination: AnyDestination
  live: LiveDestination
  /** The client of live traffic: connections and the rate of requests are shared. */
  http: HttpClient
  feed: ResolvedFeed
  state: StateStore
  dataDirectory: string
  pause?: OperatorPause | undefined
  clock: Clock
  turns?: Turns
  random: () => number
  warn: (message: string) => void
  /** Called once, when all is done. */
  done: () => void
}

/** Of the connections of a destination a replay uses at most half, and never more than these. */
const MAX_CONCURRENCY = 64
/** Of what a replay could not deliver there is the log, or the copy of the destination's own dead letter. */
const NO_COPIES = { maxAgeMs: 0, maxCopies: 0, maxBytes: 0 }
/** The space of deliveries that wait for another attempt outside of their lane. */
const PARKED = 'parked'
/** One batch holds at most what a rate allows in this time, so that live messages need not wait longer for it. */
const BATCH_MS = 500

export class ReplayRunner {
  readonly #options: ReplayRunnerOptions
  readonly #account: string
  readonly #gate: ReplayGate
  readonly #abort = new AbortController()
  #runner: DestinationRunner | undefined
  #isThrough = false
  #isChecking = false
  #isDone = false

  constructor(options: ReplayRunnerOptions) {
    this.#options = options
    const { replay, live, clock, pause } = options
    this.#account = accountOf(replay.number)
    const { signal } = this.#abort
    this.#gate = new ReplayGate({ live, clock, signal, pause, messagesPerSecond: replay.record.messagesPerSecond ?? 0 })
  }

  async start(): Promise<void> {
    const { replay, config, workspaceVersion, feed, state, http, dataDirectory, clock, turns, random, warn } =
      this.#options
    const { record } = replay
    const stored = (await state.cursor(consumerOf(this.#account))) ?? record.from
    const tail = await feed.tail()
    const cursor: Cursor = stored.block < tail ? { block: tail, index: 0 } : stored
    const letters = await state.scan(deliveryState.dead, { prefix: [this.#account], limit: MAX_LETTERS })
    const range = new RangeFeed({
      feed,
      selection: selectionOf(record),
      failedRows: failedRowsOf(state, config.id),
      turn: () => this.#gate.turn(),
      ended: () => {
        this.#isThrough = true
        void this.#check()
      },
    })
    this.#runner = new DestinationRunner({
      config: replayConfig(config),
      destination: this.#destination(config),
      workspaceVersion,
      feed: range,
      state: new AccountStore({
        state,
        destination: config.id,
        account: this.#account,
        letters: letters.length,
        committed: () => void this.#check(),
      }),
      cursor,
      http: () => http,
      gate: this.#gate,
      dataDirectory,
      copies: new CopyBudget(
        { copies: 0, bytes: 0 },
        () => NO_COPIES,
        () => {},
      ),
      clock,
      ...(turns && { turns }),
      random,
      warn: (message) => warn(`${replayIdOf(replay.number)}: ${message}`),
    })
    this.#runner.start()
  }

  update(config: DestinationConfig, workspaceVersion: number): void {
    this.#runner?.update(replayConfig(config), workspaceVersion)
  }

  pause(pause: OperatorPause): void {
    this.#gate.pause(pause)
  }

  resume(): void {
    this.#gate.resume()
  }

  get metrics(): DeliveryMetrics | undefined {
    return this.#runner?.metrics
  }

  /** Why nothing is sent just now, when that is so. */
  get waitsFor(): 'live' | 'paused' | 'circuit' | undefined {
    const { hold } = this.#gate
    if (hold !== undefined) return hold.cause === 'circuit' ? 'circuit' : 'paused'
    return this.#gate.isWaitingForLive ? 'live' : undefined
  }

  /** Waits for what is under way and commits what is settled. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#runner?.stop()
  }

  #destination({ delivery }: DestinationConfig): AnyDestination {
    const { destination, replay } = this.#options
    const { messagesPerSecond, newKeys } = replay.record
    const rates = [messagesPerSecond, delivery.messagesPerSecond ?? destination.rateLimit?.messagesPerSecond]
    const limits = rates.filter((rate) => rate !== undefined && rate > 0) as number[]
    const maxMessages = limits.length === 0 ? undefined : Math.ceil((Math.min(...limits) * BATCH_MS) / 1000)
    return replayDestination(destination, {
      ...(newKeys && { newKeys: replayIdOf(replay.number) }),
      maxMessages,
    })
  }

  /** Ends the replay when every delivery has its outcome. Asked at the end of the range, and after each commit from then on. */
  async #check(): Promise<void> {
    const isOver = (): boolean => this.#isDone || this.#abort.signal.aborted
    if (!this.#isThrough || this.#isChecking || isOver()) return
    this.#isChecking = true
    try {
      if (this.#runner?.status().inFlight !== 0) return
      const parked = await this.#options.state.scan(PARKED, { prefix: [this.#account], limit: 1 })
      if (parked.length > 0 || isOver()) return
      this.#isDone = true
      this.#options.done()
    } catch (error) {
      this.#options.warn(`${replayIdOf(this.#options.replay.number)} cannot be ended: ${String(error)}`)
    } finally {
      this.#isChecking = false
    }
  }
}

const replayConfig = (config: DestinationConfig): DestinationConfig => ({
  ...config,
  delivery: { ...config.delivery, concurrency: replayConcurrency(config) },
})

/** How many requests of a replay are under way at most. */
export const replayConcurrency = ({ delivery }: Pick<DestinationConfig, 'delivery'>): number =>
  Math.max(1, Math.min(MAX_CONCURRENCY, Math.floor(delivery.concurrency / 2)))
