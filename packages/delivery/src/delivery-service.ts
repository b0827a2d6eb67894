import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { QueryResult } from '@millrace/component-kit'
import type { DestinationStatus } from '@millrace/protocol'
import type { Cursor, Key, Offset } from '@millrace/storage'
import { consumerOf, decodeMeta, decodePause, deliveryState, encodeJson } from './delivery-state.ts'
import type { DestinationMeta } from './delivery-state.ts'
import { knownDestinations } from './delivery-ledger.ts'
import { CopyBudget } from './dead/copy-budget.ts'
import type { DeadLetterSettings } from './dead/copy-budget.ts'
import { dropCopies, keptCopies, moveCopies, pruneCopies } from './dead/copy-store.ts'
import type { DeliveryMetrics } from './delivery-metrics.ts'
import type { CarriedGate, OperatorPause } from './delivery-gate.ts'
import type { DestinationConfig } from './destination-config.ts'
import type { DeliveryPlan, DeliveryServiceOptions } from './delivery-service-options.ts'
import { DestinationRunner } from './destination-runner.ts'
import { expireBacklog } from './expire-backlog.ts'
import { GroupedStore } from './grouped-store.ts'
import { createHttpClient } from './http/guarded-client.ts'
import type { GuardedHttpClient } from './http/guarded-client.ts'
import { needsRestart } from './needs-restart.ts'
import { oldestNeeded } from './oldest-needed.ts'
import { pruneOutcomes } from './prune-outcomes.ts'
import { ReplayService } from './replay/replay-service.ts'
import type { LetterPlace, Redriven } from './redrive-letters.ts'
import { renameDestination } from './rename-destination.ts'
import { settleRemoved } from './settle-removed.ts'
import { SinkRunner } from './sink-runner.ts'
import { sleepUnless } from './sleep-unless.ts'
import { Turns } from './turns.ts'

const PRUNE_EVERY_MS = 600_000
/** Pages of a thousand letters whose age is looked at in one turn. */
const PRUNED_PAGES = 20

interface Running {
  config: DestinationConfig
  workspaceVersion: number
  runner: DestinationRunner | SinkRunner
  http: GuardedHttpClient | undefined
  copies: CopyBudget | undefined
  /** While its backlog expires, for which the runner was stopped: ends that, because it was resumed. */
  expiring?: AbortController
}

/** A warehouse is at most about so much behind, and spared a load per request. */
const SINK_GATHER_MS = 200
const MOST_REDRIVEN = 1_000

/**
 * Runs all destinations of the workspace: starts, changes, renames and closes them as versions of the workspace are applied.
 */
export class DeliveryService {
  readonly #options: DeliveryServiceOptions
  readonly #running = new Map<string, Running>()
  /** Where the running destinations commit, together. */
  readonly #commits: GroupedStore
  readonly #turns: Turns
  #allow: readonly string[] = []
  /** Set by the first plan, before anything runs. */
  #deadLetters: DeadLetterSettings = { maxAgeMs: 0, maxCopies: 0, maxBytes: 0 }
  /** What operators have paused, as the state store has it. */
  readonly #paused = new Map<string, OperatorPause>()
  /** Versions are applied one after the other. */
  #applying: Promise<void> = Promise.resolve()
  readonly #abort = new AbortController()
  readonly replays: ReplayService

  readonly #pruning: NodeJS.Timeout
  /** The last dead letter whose age was looked at, by destination. */
  readonly #prunedTo = new Map<string, Key>()
  #copiesPruned: Promise<void> = Promise.resolve()

  constructor(options: DeliveryServiceOptions) {
    this.#options = options
    this.#commits = new GroupedStore(options.state, options.clock)
    this.#turns = new Turns(options)
    this.replays = new ReplayService({ ...options, turns: this.#turns })
    this.#pruning = setInterval(() => {
      this.#applying = this.#applying
        .then(() => this.#prune())
        .catch((error: unknown) => options.warn(`old outcomes could not be removed: ${String(error)}`))
    }, PRUNE_EVERY_MS).unref()
  }

  /** Brings the running destinations in line with a version. Safe to repeat. */
  apply(plan: DeliveryPlan): Promise<void> {
    const result = this.#applying.then(() => this.#apply(plan))
    this.#applying = result.catch(() => undefined)
    return result
  }

  statuses(): { status: Omit<DestinationStatus, 'lagBytes' | 'cursor'>; cursor: Cursor }[] {
    const iso = (ms: number): string => new Date(ms).toISOString()
    return [...this.#running].map(([id, { config, runner }]) => {
      const { state, cursor, inFlight, parked, lastFailure, hold } = runner.status()
      return {
        cursor,
        status: {
          destination: id,
          type: config.type,
          state,
          inFlight,
          ...(parked !== undefined && { parked }),
          ...(lastFailure && {
            lastError: {
              at: iso(lastFailure.atMs),
              code: lastFailure.code,
              message: lastFailure.message,
              nextAttemptAt: iso(lastFailure.nextAttemptMs),
            },
          }),
          ...(hold && {
            hold: {
              cause: hold.cause,
              since: iso(hold.sinceMs),
              reason: hold.reason,
              ...(hold.nextAttemptMs !== undefined && { nextAttemptAt: iso(hold.nextAttemptMs) }),
            },
          }),
        },
      }
    })
  }

  /** Messages in flight, by destination. */
  inFlight(): Map<string, number> {
    return new Map([...this.#running].map(([id, { runner }]) => [id, runner.status().inFlight]))
  }

  metrics(): Map<string, DeliveryMetrics> {
    return new Map([...this.#running].map(([id, { runner }]) => [id, runner.metrics]))
  }

  /**
   * Stops sending to a destination until `resume`, over restarts. What is under way ends; the cursor stands still. Pausing
   * again changes nothing. Rejects when there is no such destination.
   */
  async pause(id: string, reason: string): Promise<void> {
    const { runner } = this.#find(id)
    if (this.#paused.has(id)) return
    const pause: OperatorPause = { sinceMs: this.#options.clock.now(), reason }
    this.#paused.set(id, pause)
    runner.pause(pause)
    await this.#options.state.transaction((tx) => tx.put(deliveryState.paused, [id], encodeJson(pause)))
  }

  /** Ends a pause, and asks the check of one that is paused for its credentials. Rejects when there is no such destination. */
  async resume(id: string): Promise<void> {
    this.#find(id)
    // Stored first: after a crash in between it is paused no longer.
    await this.#options.state.transaction((tx) => tx.delete(deliveryState.paused, [id]))
    this.#paused.delete(id)
    const running = this.#running.get(id)
    running?.expiring?.abort()
    running?.runner.resume()
  }

  /**
   * Makes what a stopped destination waits for in the blocks before `before` dead(expired), so that retention may remove them;
   * what it is not for is filtered. The runner is stopped meanwhile, and goes on after it as it stood. Resolves with how many
   * messages expired: none when the destination is not held, and never those of a warehouse, which could not be loaded with a gap.
   */
  expire(id: string, before: Offset): Promise<number> {
    const result = this.#applying.then(() => this.#expire(id, before))
    this.#applying = result.then(ignore, ignore)
    return result
  }

  async #expire(id: string, before: Offset): Promise<number> {
    const running = this.#find(id)
    const { runner, http, workspaceVersion } = running
    const { signal } = this.#abort
    const { hold, cursor } = runner.status()
    // It may have been resumed since it was looked at.
    if (signal.aborted || runner instanceof SinkRunner || hold === undefined) return 0
    if ((await oldestNeeded(this.#options.state, { id, cursor }, 0)).block >= before) return 0
    const expiring = new AbortController()
    running.expiring = expiring
    await this.replays.detach(id)
    await runner.stop()
    await http?.close()
    const leftover = runner.leftover()
    try {
      // What was under way may have shown that it is well again.
      if (leftover === undefined || runner.status().hold === undefined) return 0
      const { feed, state, clock } = this.#options
      const step = { id, leftover, before, workspaceVersion, feed, state, now: clock.now }
      return await expireBacklog({ ...step, signal: AbortSignal.any([signal, expiring.signal]) })
    } finally {
      await this.#reopen(running, leftover?.gate)
      if (expiring.signal.aborted) this.#running.get(id)?.runner.resume()
    }
  }

  /** A runner in place of one that was stopped; tried until it can be made, because nobody else would. */
  async #reopen({ config, workspaceVersion }: Running, gate: CarriedGate | undefined): Promise<void> {
    const { clock, warn } = this.#options
    const { signal } = this.#abort
    while (!signal.aborted) {
      try {
        return await this.#open(config, workspaceVersion, gate)
      } catch (error) {
        warn(`destination "${config.id}" cannot go on: ${String(error)}`)
        await sleepUnless(clock, signal, 1_000)
      }
    }
  }

  /** Makes durable what was committed, before the log gives up what could bring it again. */
  sync(): Promise<void> {
    return this.#options.state.sync()
  }

  /**
   * Sends dead letters of a destination again, and to it alone: at most 1,000 of them. What is not dead any more is left alone, so doing it
   * twice sends once. Rejects when there is no such destination, or it is disabled or a warehouse.
   */
  async redrive(id: string, letters: readonly LetterPlace[]): Promise<Redriven> {
    const { runner, config } = this.#find(id)
    if (runner instanceof SinkRunner) throw new Error(`"${id}" is a warehouse; it has no dead letters of its own`)
    if (!config.enabled) throw new Error(`destination "${id}" is disabled; enable it first`)
    if (letters.length > MOST_REDRIVEN) {
      throw new Error(`${letters.length} letters are too many to redrive at once; at most ${MOST_REDRIVEN} go`)
    }
    return runner.redrive(letters, await this.#options.feed.tail())
  }

  #find(id: string): Running {
    const running = this.#running.get(id)
    if (running === undefined) throw new Error(`there is no destination "${id}", or it is just being started`)
    return running
  }

  /** Read-only SQL at a warehouse. Rejects when there is none of that id. */
  async query(id: string, sql: string, limits: { maxRows: number; timeoutMs: number }): Promise<QueryResult> {
    const running = this.#running.get(id)
    if (!(running?.runner instanceof SinkRunner)) {
      const warehouses = [...this.#running]
        .filter(([, { runner }]) => runner instanceof SinkRunner)
        .map(([known]) => known)
      throw new Error(
        `"${id}" is no warehouse; there ${warehouses.length === 0 ? 'is none' : `are: ${warehouses.join(', ')}`}`,
      )
    }
    return (await running.runner.session()).query(sql, limits)
  }

  /** Waits for what is under way, commits, and closes connections. */
  async stop(): Promise<void> {
    this.#abort.abort()
    clearInterval(this.#pruning)
    await this.#applying
    await Promise.all([...this.#running.keys()].map((id) => this.#close(id)))
    await this.#copiesPruned
    this.#options.feed.close()
  }

  async #apply(plan: DeliveryPlan): Promise<void> {
    const { state, components, clock } = this.#options
    const allowChanged = plan.allow.join() !== this.#allow.join()
    this.#allow = plan.allow
    this.#deadLetters = plan.deadLetters
    const wanted = new Map(plan.destinations.map((config) => [config.id, config]))

    for (const config of wanted.values()) {
      const { id, formerId } = config
      if (formerId === undefined || wanted.has(formerId)) continue
      if ((await this.#meta(id)) === undefined && (await this.#meta(formerId)) !== undefined) {
        await this.#close(formerId)
        await moveCopies(state, formerId, id)
        await renameDestination(state, formerId, id)
        await this.replays.rename(formerId, id)
        const pause = this.#paused.get(formerId)
        if (pause !== undefined) this.#paused.set(id, pause)
        this.#paused.delete(formerId)
      }
    }

    for (const { id, meta } of await knownDestinations(state)) {
      if (wanted.has(id) || meta.removedAt !== undefined) continue
      await this.replays.cancelAll(id, 'its destination was removed')
      await this.#close(id)
      this.#paused.delete(id)
      const isWarehouse = Object.hasOwn(components.warehouses, meta.type)
      await dropCopies(state, id)
      const { signal } = this.#abort
      await settleRemoved({
        ...this.#options,
        now: clock.now,
        id,
        meta,
        isWarehouse,
        signal,
        workspaceVersion: plan.workspaceVersion,
      })
    }

    // A new one may have to wait for the resolve stage: those that only go on come first.
    const known = new Set((await knownDestinations(state)).map(({ id }) => id))
    const isNew = ({ id }: DestinationConfig): number => (known.has(id) ? 0 : 1)
    for (const config of [...wanted.values()].sort((a, b) => isNew(a) - isNew(b))) {
      const running = this.#running.get(config.id)
      if (running === undefined) {
        await this.#open(config, plan.workspaceVersion)
      } else if (allowChanged || needsRestart(running.config, config)) {
        await this.#close(config.id)
        await this.#open(config, plan.workspaceVersion)
      } else {
        running.config = config
        running.workspaceVersion = plan.workspaceVersion
        running.runner.update(config, plan.workspaceVersion)
        await this.replays.update(config, plan.workspaceVersion)
        await this.#describe(config)
      }
    }
    await this.#prune()
  }

  /** Removes outcome records whose rows the log no longer has, and copies of dead messages whose time is over. */
  async #prune(): Promise<void> {
    const { state, feed, warn } = this.#options
    const tail = await feed.tail()
    for (const { id } of await knownDestinations(state)) {
      if (!this.#abort.signal.aborted) await pruneOutcomes(state, id, tail)
    }
    if (!this.#abort.signal.aborted) await this.replays.prune(tail)
    // Between commits of their destinations: where these wait for a full disk, nothing else shall wait for them.
    this.#copiesPruned = this.#copiesPruned
      .then(() => this.#pruneAllCopies())
      .catch((error: unknown) => warn(`old copies of dead messages could not be removed: ${String(error)}`))
  }

  /** Resolves when copies whose time was over at the last apply or turn are removed. For tests. */
  copiesPruned(): Promise<void> {
    return this.#copiesPruned
  }

  async #pruneAllCopies(): Promise<void> {
    for (const [id, running] of this.#running) await this.#pruneCopies(id, running)
  }

  /** Goes over a part of the letters; the next turn goes on from there. */
  async #pruneCopies(id: string, { runner, copies }: Running): Promise<void> {
    if (!(runner instanceof DestinationRunner)) return
    const { state, clock } = this.#options
    const before = new Date(Math.max(0, clock.now() - this.#deadLetters.maxAgeMs)).toISOString()
    for (let page = 0; page < PRUNED_PAGES && !this.#abort.signal.aborted; page++) {
      const from = this.#prunedTo.get(id)
      const removed = await runner.exclusively(() => pruneCopies(state, id, before, from))
      copies?.removed(removed.copies, removed.bytes)
      if (removed.next === undefined) {
        this.#prunedTo.delete(id)
        return
      }
      this.#prunedTo.set(id, removed.next)
    }
  }

  /** @param gate How the gate of the runner stood in whose place this one is. */
  async #open(config: DestinationConfig, workspaceVersion: number, gate?: CarriedGate): Promise<void> {
    const { feed, components, dataDirectory, schemaOf, clock, random, warn, userAgent } = this.#options
    const state = this.#commits
    const begun = await this.#begin(config)
    if (begun === undefined) return
    const { cursor, start: sinkStart } = begun
    const directory = join(dataDirectory, 'destinations', config.id)
    await mkdir(directory, { recursive: true })
    const pause = await this.#pauseOf(config.id)
    const shared = { config, workspaceVersion, feed, state, cursor, pause, clock, random, warn }
    const warehouse = components.warehouses[config.type]
    const destination = components.destinations[config.type]
    if (warehouse !== undefined) {
      const open = () =>
        warehouse.open(config.settings, { destinationId: config.id, baseDirectory: dataDirectory, warn })
      const runner = new SinkRunner({ ...shared, gatherMs: SINK_GATHER_MS, start: sinkStart, schemaOf, open })
      this.#running.set(config.id, { config, workspaceVersion, runner, http: undefined, copies: undefined })
      runner.start()
    } else if (destination !== undefined) {
      const http = createHttpClient({
        allow: this.#allow,
        timeoutMs: config.delivery.timeoutMs,
        connections: config.delivery.concurrency,
        userAgent,
      })
      const copies = new CopyBudget(
        await keptCopies(state, config.id),
        () => this.#deadLetters,
        (problem) => warn(`destination "${config.id}": ${problem}`),
      )
      const runner = new DestinationRunner({
        ...shared,
        carried: gate,
        copies,
        turns: this.#turns,
        destination,
        http: () => http,
        dataDirectory: directory,
      })
      this.#running.set(config.id, { config, workspaceVersion, runner, http, copies })
      runner.start()
      await this.replays.attach({ config, workspaceVersion, destination, ...runner.live })
    } else {
      throw new Error(`destination "${config.id}" has the unknown type "${config.type}"`)
    }
  }

  /**
   * The cursor to go on from, and where the destination began with its type. A new destination gets its account first: where
   * it begins, and what was resolved before.
   */
  async #begin(config: DestinationConfig): Promise<{ cursor: Cursor; start: Cursor } | undefined> {
    const { state, feed, resolvedBefore } = this.#options
    const known = await this.#describe(config)
    if (known !== undefined) {
      const start = known.typeSince ?? known.start
      return { cursor: (await state.cursor(consumerOf(config.id))) ?? known.start, start }
    }
    // What retention has removed can neither be delivered nor counted: the account begins after it.
    const tail = await feed.tail()
    const start = config.start.block < tail ? { block: tail, index: 0 } : config.start
    // It may begin at the head of the log, which is not resolved yet.
    if (start.block > 0) await feed.waitFor(start.block - 1, this.#abort.signal)
    if (this.#abort.signal.aborted) return undefined
    const meta: DestinationMeta = {
      type: config.type,
      start,
      resolvedBeforeStart: Object.fromEntries(await resolvedBefore(start)),
      matching: matchingOf(config),
    }
    await state.transaction((tx) => {
      tx.put(deliveryState.meta, [config.id], encodeJson(meta))
      tx.setCursor(consumerOf(config.id), start)
    })
    return { cursor: start, start }
  }

  /** Keeps what would decide over the backlog if the destination were removed. Undefined when it has no account yet. */
  async #describe(config: DestinationConfig): Promise<DestinationMeta | undefined> {
    const { state } = this.#options
    const meta = await this.#meta(config.id)
    if (meta === undefined) return undefined
    const typeSince =
      meta.type === config.type ? meta.typeSince : ((await state.cursor(consumerOf(config.id))) ?? meta.start)
    const changed: DestinationMeta = {
      ...meta,
      type: config.type,
      ...(typeSince && { typeSince }),
      matching: matchingOf(config),
    }
    await state.transaction((tx) => tx.put(deliveryState.meta, [config.id], encodeJson(changed)))
    return changed
  }

  async #close(id: string): Promise<void> {
    const running = this.#running.get(id)
    if (running === undefined) return
    await this.replays.detach(id)
    await running.runner.stop()
    await running.http?.close()
    this.#running.delete(id)
  }

  async #pauseOf(id: string): Promise<OperatorPause | undefined> {
    const stored = await this.#options.state.get(deliveryState.paused, [id])
    // What was asked for meanwhile may not be stored yet.
    const pause = this.#paused.get(id) ?? (stored && decodePause(stored))
    if (pause !== undefined) this.#paused.set(id, pause)
    return pause
  }

  async #meta(id: string): Promise<DestinationMeta | undefined> {
    const stored = await this.#options.state.get(deliveryState.meta, [id])
    return stored && decodeMeta(stored)
  }
}

const matchingOf = ({ name, enabled, actions, sources }: DestinationConfig): DestinationMeta['matching'] => ({
  name,
  enabled,
  actions,
  ...(sources && { sources }),
})

const ignore = (): void => undefined
