import { join } from 'node:path'
import type { AnyDestination, HttpClient } from '@millrace/component-kit'
import type { ReplayEstimate, ReplayFilter, ReplayStatus } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor, Offset, StateStore } from '@millrace/storage'
import type { Clock } from '../clock.ts'
import type { DeliveryMetrics } from '../delivery-metrics.ts'
import { consumerOf, counterPrefixesOf, deliveryState, encodeJson } from '../delivery-state.ts'
import type { DestinationConfig } from '../destination-config.ts'
import { pruneOutcomes } from '../prune-outcomes.ts'
import type { ResolvedFeed } from '../resolved-feed.ts'
import type { Turns } from '../turns.ts'
import { replayStatus } from './replay-account.ts'
import type { LiveDestination } from './replay-gate.ts'
import {
  MAX_ENDED,
  accountOf,
  decodeReplay,
  hasEnded,
  numberOfReplay,
  replayIdOf,
  replaysSpace,
  storedReplays,
} from './replay-record.ts'
import type { ReplayRecord, StoredReplay } from './replay-record.ts'
import { ReplayRunner } from './replay-runner.ts'

/**
 * The replays of all destinations. A replay runs while its destination does: it is started with it, stopped before it, renamed
 * with it, and cancelled when it is removed. What an operator asks for is stored before it is done, so it lasts over restarts.
 */
export interface ReplayServiceOptions {
  state: StateStore
  feed: ResolvedFeed
  dataDirectory: string
  clock: Clock
  /** In which replays scan, as the destinations do: a replay reads what is behind. */
  turns?: Turns
  random: () => number
  warn: (message: string) => void
}

/** What is to be sent again, worked out by who asks. */
export interface ReplayOrder {
  destination: string
  fromTime: string
  toTime: string
  from: Cursor
  end: Cursor
  filter: ReplayFilter
  messagesPerSecond?: number
  newKeys?: true
  estimate: ReplayEstimate
}

/** A destination that runs. */
export interface RunningDestination {
  config: DestinationConfig
  workspaceVersion: number
  destination: AnyDestination
  live: LiveDestination
  http: HttpClient
}

/** What a replay does just now, which is not stored. */
export interface ReplayActivity {
  waitsFor: 'live' | 'paused' | 'circuit' | undefined
  metrics: DeliveryMetrics | undefined
}

export class ReplayService {
  readonly #options: ReplayServiceOptions
  readonly #destinations = new Map<string, RunningDestination>()
  /** By number. */
  readonly #runners = new Map<number, ReplayRunner>()
  /** One change after the other. */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(options: ReplayServiceOptions) {
    this.#options = options
  }

  /** Goes on with the replays of a destination that has been started. */
  attach(running: RunningDestination): Promise<void> {
    return this.#change(async () => {
      this.#destinations.set(running.config.id, running)
      for (const stored of await this.#activeOf(running.config.id)) await this.#start(stored)
    })
  }

  /** Takes up a changed configuration. */
  update(config: DestinationConfig, workspaceVersion: number): Promise<void> {
    return this.#change(async () => {
      const running = this.#destinations.get(config.id)
      if (running === undefined) return
      this.#destinations.set(config.id, { ...running, config, workspaceVersion })
      for (const { number } of await this.#activeOf(config.id)) {
        this.#runners.get(number)?.update(config, workspaceVersion)
      }
    })
  }

  /** Stops the replays of a destination before it is stopped itself; they go on when it is started again. */
  detach(destination: string): Promise<void> {
    return this.#change(async () => {
      if (!this.#destinations.delete(destination)) return
      for (const { number } of await this.#activeOf(destination)) await this.#stop(number)
    })
  }

  /** Follows a destination that got another id. It does not run. */
  rename(from: string, to: string): Promise<void> {
    return this.#change(async () => {
      const stored = await storedReplays(this.#options.state)
      const moved = stored.filter(({ record }) => record.destination === from)
      await this.#options.state.transaction((tx) => {
        for (const { number, record } of moved) {
          tx.put(replaysSpace, [number], encodeJson({ ...record, destination: to }))
        }
      })
    })
  }

  /** Ends the replays of a destination that is removed. */
  async cancelAll(destination: string, reason: string): Promise<void> {
    for (const { number } of await this.#activeOf(destination)) await this.cancel(replayIdOf(number), reason)
  }

  /** Begins a replay. Rejects when the destination does not run or has another replay that has not ended. */
  create(order: ReplayOrder): Promise<ReplayStatus> {
    return this.#change(async () => {
      const { state, clock } = this.#options
      const { destination } = order
      if (!this.#destinations.has(destination)) {
        throw new Error(`destination "${destination}" does not run, or is just being started; try again`)
      }
      const all = await storedReplays(state)
      const [other] = all.filter(({ record }) => record.destination === destination && !hasEnded(record))
      if (other !== undefined) {
        const id = replayIdOf(other.number)
        throw new Error(
          `${id} of "${destination}" is ${other.record.state}, and two at once could not keep the order; ` +
            `wait until it has ended, or: millrace replay cancel ${id}`,
        )
      }
      const number = (all.at(-1)?.number ?? 0) + 1
      const record: ReplayRecord = { ...order, state: 'running', createdAt: isoOf(clock.now()) }
      await state.transaction((tx) => {
        tx.put(replaysSpace, [number], encodeJson(record))
        tx.setCursor(consumerOf(accountOf(number)), record.from)
      })
      await this.#forget(all)
      await this.#start({ number, record })
      return replayStatus(state, { number, record })
    })
  }

  /** Sends nothing more until it is resumed, over restarts. Pausing again changes nothing. */
  pause(id: string): Promise<ReplayStatus> {
    return this.#change(async () => {
      const stored = await this.#active(id)
      const { clock } = this.#options
      if (stored.record.state === 'running') {
        this.#runners.get(stored.number)?.pause({ sinceMs: clock.now(), reason: 'the replay is paused' })
      }
      return this.#store(stored, { state: 'paused' })
    })
  }

  resume(id: string): Promise<ReplayStatus> {
    return this.#change(async () => {
      const stored = await this.#active(id)
      const status = await this.#store(stored, { state: 'running' })
      this.#runners.get(stored.number)?.resume()
      return status
    })
  }

  /** Ends it where it is: what was sent stays in its account, what was not is not sent. */
  cancel(id: string, reason = 'cancelled by an operator'): Promise<ReplayStatus> {
    return this.#change(async () => {
      const stored = await this.#active(id)
      // Stored first: it stays cancelled if the process dies while requests end.
      await this.#store(stored, { state: 'cancelled', reason, endedAt: isoOf(this.#options.clock.now()) })
      await this.#stop(stored.number)
      return replayStatus(this.#options.state, await this.#find(id))
    })
  }

  /** Of those that run, by id. */
  activities(): Map<string, ReplayActivity> {
    const activities = [...this.#runners].map(([number, { waitsFor, metrics }]) => {
      return [replayIdOf(number), { waitsFor, metrics }] as const
    })
    return new Map(activities)
  }

  /** Removes outcome records whose rows the log no longer has. */
  async prune(tail: Offset): Promise<void> {
    const { state } = this.#options
    for (const { number } of await storedReplays(state)) await pruneOutcomes(state, accountOf(number), tail)
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    await this.#change(async () => {
      for (const number of this.#runners.keys()) await this.#stop(number)
    })
  }

  async #start(stored: StoredReplay): Promise<void> {
    const { state, feed, dataDirectory, clock, turns, random, warn } = this.#options
    const { number, record } = stored
    const running = this.#destinations.get(record.destination)
    if (running === undefined || this.#runners.has(number)) return
    const runner = new ReplayRunner({
      ...running,
      replay: stored,
      feed,
      state,
      dataDirectory: join(dataDirectory, 'destinations', record.destination),
      ...(record.state === 'paused' && { pause: { sinceMs: clock.now(), reason: 'the replay is paused' } }),
      clock,
      ...(turns && { turns }),
      random,
      warn,
      done: () => {
        this.#change(() => this.#complete(number)).catch((error: unknown) => {
          warn(`${replayIdOf(number)} is done, which could not be stored: ${String(error)}`)
        })
      },
    })
    this.#runners.set(number, runner)
    await runner.start()
  }

  async #stop(number: number): Promise<void> {
    const runner = this.#runners.get(number)
    this.#runners.delete(number)
    await runner?.stop()
  }

  async #complete(number: number): Promise<void> {
    const { state, feed, clock } = this.#options
    if (!this.#runners.has(number)) return
    await this.#stop(number)
    const stored = await this.#find(replayIdOf(number))
    const cursor = (await state.cursor(consumerOf(accountOf(number)))) ?? stored.record.from
    // The log may have lost its range; else the last commit failed, and the next start goes on.
    const isThrough = compareCursors(cursor, stored.record.end) >= 0 || stored.record.end.block <= (await feed.tail())
    if (isThrough) await this.#store(stored, { state: 'completed', endedAt: isoOf(clock.now()) })
  }

  async #store(stored: StoredReplay, change: Partial<ReplayRecord>): Promise<ReplayStatus> {
    const { state } = this.#options
    const record = { ...stored.record, ...change }
    await state.transaction((tx) => tx.put(replaysSpace, [stored.number], encodeJson(record)))
    return replayStatus(state, { number: stored.number, record })
  }

  async #find(id: string): Promise<StoredReplay> {
    const number = numberOfReplay(id)
    const value = number === undefined ? undefined : await this.#options.state.get(replaysSpace, [number])
    if (number === undefined || value === undefined) {
      throw new Error(`there is no replay "${id}"; see: millrace replay list`)
    }
    return { number, record: decodeReplay(value) }
  }

  async #active(id: string): Promise<StoredReplay> {
    const stored = await this.#find(id)
    if (!hasEnded(stored.record)) return stored
    throw new Error(`${id} is ${stored.record.state} already`)
  }

  async #activeOf(destination: string): Promise<StoredReplay[]> {
    const all = await storedReplays(this.#options.state)
    return all.filter(({ record }) => record.destination === destination && !hasEnded(record))
  }

  /** Removes the oldest that have ended, with their accounts. */
  async #forget(all: readonly StoredReplay[]): Promise<void> {
    const { state } = this.#options
    const ended = all.filter(({ record }) => hasEnded(record))
    for (const { number } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) {
      const account = accountOf(number)
      const prefixes = counterPrefixesOf(account)
      const counters = [...(await state.counters(prefixes.all)), ...(await state.counters(prefixes.pruned))]
      await state.transaction((tx) => {
        tx.delete(replaysSpace, [number])
        tx.deleteCursor(consumerOf(account))
        for (const space of Object.values(deliveryState)) tx.deleteRange(space, [account], [`${account} `])
        for (const [name, value] of counters) tx.add(name, -value)
      })
    }
  }

  #change<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#changing.then(change)
    this.#changing = result.catch(() => undefined)
    return result
  }
}

const isoOf = (ms: number): string => new Date(ms).toISOString()
