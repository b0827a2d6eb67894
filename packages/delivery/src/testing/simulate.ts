import assert from 'node:assert/strict'
import { MemoryTransport, VirtualClock, everyFault, periodsOf, seededRandom } from '@millrace/testkit'
import type { Fault, FaultPeriod, Random } from '@millrace/testkit'
import type { Cursor } from '@millrace/storage'
import { decodeDeadLetter, deliveryState } from '../delivery-state.ts'
import type { DestinationConfig } from '../destination-config.ts'
import type { DeliverySettings } from '../delivery-settings.ts'
import type { Hold } from '../delivery-gate.ts'
import { DestinationRunner } from '../destination-runner.ts'
import { consumerOf } from '../delivery-state.ts'
import type { LetterPlace } from '../redrive-letters.ts'
import { DyingStore } from './dying-store.ts'
import { configOf, copyOrders, sendTracks } from './fake-destination.ts'
import { Scene } from './scene.ts'
import type { TestRow } from './scene.ts'
import { simulatedDestination } from './simulated-destination.ts'
import { SimulatedReceiver } from './simulated-receiver.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** What happened in one run, so that a test can tell that the runs were not all quiet. */
export interface SimulationSummary {
  messages: number
  requests: number
  copies: number
  restarts: number
  dead: number
  parked: number
  redriven: number
  /** How often a destination was found so when it was looked at. */
  holds: Record<Hold['cause'], number>
}

type Parking = Pick<
  DeliverySettings,
  'order' | 'parkAfterMs' | 'parkedMax' | 'parkedPerKey' | 'parkedForMs' | 'afterParking'
>

/** Whether no bound of parking may give up the order of a person. */
const keepsOrder = ({ order, parkAfterMs, parkedPerKey, parkedForMs = 0, afterParking }: Parking): boolean =>
  order === 'perProfile' &&
  (afterParking === 'dead' || parkAfterMs > 1_000 * HOUR || (parkedPerKey >= 1_000 && parkedForMs > 1_000 * HOUR))

interface SimulatedTarget {
  config: DestinationConfig
  maxMessages: number
  hasCheck: boolean
  receiver: SimulatedReceiver
  transport: MemoryTransport
}

/**
 * One run of real destination runners over engines in memory, under a virtual clock: messages arrive, faults come and go, the
 * process dies at some commits and starts again, until everything is settled. Throws when an invariant does not hold:
 * the ledger's equation and its recount, the order of each person in each life of the process, one acceptance per delivery at
 * a receiver that honours idempotency keys, nothing sent after it was stored as dead, nothing lost.
 */
export const simulate = async (seed: number): Promise<SimulationSummary> => {
  const world = new World(seed)
  try {
    return await world.run()
  } catch (error) {
    throw new Error(`the simulation with seed ${seed} failed: ${String(error)}`, { cause: error })
  }
}

class World {
  readonly #random: Random
  readonly #clock = new VirtualClock()
  readonly #scene = new Scene()
  readonly #targets: SimulatedTarget[]
  readonly #holds: SimulationSummary['holds'] = { operator: 0, unauthorized: 0, circuit: 0 }
  /** Deliveries that were stored as parked. */
  #parked = 0
  #redriven = 0
  #events = 0
  #messages = 0
  /** By destination and delivery: the event at which it was stored as dead. */
  readonly #buried = new Map<string, number>()

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    const count = 1 + this.#random.integer(3)
    this.#targets = Array.from({ length: count }, (_, index) => this.#makeTarget(`d${index}`))
  }

  async run(): Promise<SimulationSummary> {
    for (const { config } of this.#targets) await this.#scene.openAccount(config.id)
    const restarts = this.#random.integer(4)
    for (let life = 0; life < restarts; life++) {
      await this.#live(this.#random.integer(6))
    }
    await this.#live(Number.POSITIVE_INFINITY)
    await this.#judge()
    return {
      messages: this.#messages,
      requests: this.#targets.reduce((sum, { transport }) => sum + transport.requests, 0),
      copies: this.#targets.reduce((sum, { receiver }) => sum + receiver.copies, 0),
      restarts,
      dead: this.#buried.size,
      parked: this.#parked,
      redriven: this.#redriven,
      holds: this.#holds,
    }
  }

  /** One life of the process: it dies at a commit, or, when it has commits without end, lives until all is settled. */
  async #live(commits: number): Promise<void> {
    const store = new DyingStore(this.#scene.state, commits, (space, [destination, block, index, action]) => {
      if (space === deliveryState.parked) this.#parked++
      if (space !== deliveryState.dead) return
      const isHere = ({ place }: { place: Cursor }): boolean => place.block === block && place.index === index
      const id = this.#scene.rows.find(isHere)?.row.id
      this.#buried.set(`${destination} ${action} ${id}`, ++this.#events)
    })
    const feed = this.#scene.newFeed({ clock: this.#clock, pollMs: { busy: 20, idle: 2 * MINUTE } })
    const runners: DestinationRunner[] = []
    for (const target of this.#targets) {
      target.receiver.restarted()
      runners.push(await this.#startRunner(target, store, feed))
    }
    const isLast = commits === Number.POSITIVE_INFINITY
    for (let blocks = this.#random.integer(4); blocks >= 0 && !store.isDead; blocks--) {
      await this.#arrive()
      if (this.#random.integer(4) === 0)
        this.#random.pick(runners).pause({ sinceMs: this.#clock.now(), reason: 'a test' })
      await this.#pass(this.#random.pick([0, 1, 30, 5_000, MINUTE, 20 * MINUTE]))
      for (const runner of runners) if (this.#random.integer(2) === 0) this.#note(runner).resume()
    }
    for (const runner of runners) this.#note(runner).resume()
    const chosen = this.#random.integer(2 * runners.length)
    const target = this.#targets[chosen]
    const redriving = target && (await this.#redrive(runners[chosen] as DestinationRunner, target))
    const head = await this.#scene.log.head()
    const isDone = () => {
      const isAtEnd = runners.every((runner) => {
        const { cursor, parked } = this.#note(runner).status()
        return cursor.block === head && parked === 0
      })
      return isAtEnd || (!isLast && store.isDead)
    }
    const done = await this.#clock.run(isDone, 1000 * HOUR)
    assert.ok(done, 'not everything was settled')
    let stopped = false
    const stopping = Promise.all(runners.map((runner) => runner.stop())).finally(() => (stopped = true))
    await this.#clock.run(() => stopped, HOUR)
    assert.ok(stopped, 'a runner did not stop')
    await stopping
    await redriving?.over
    feed.close()
    assert.deepEqual(await this.#scene.problems(), [])
  }

  /** Counts what is seen of a runner. */
  #note(runner: DestinationRunner): DestinationRunner {
    const { hold } = runner.status()
    if (hold !== undefined) this.#holds[hold.cause]++
    return runner
  }

  async #startRunner(
    { config, maxMessages, hasCheck, receiver, transport }: SimulatedTarget,
    state: DyingStore,
    feed: ReturnType<Scene['newFeed']>,
  ): Promise<DestinationRunner> {
    const runner = new DestinationRunner({
      config,
      destination: simulatedDestination(maxMessages, hasCheck, (batch) => receiver.attempted(batch)),
      workspaceVersion: 1,
      feed,
      state,
      cursor: (await this.#scene.state.cursor(consumerOf(config.id))) ?? config.start,
      http: () => transport,
      dataDirectory: '/nowhere',
      clock: this.#clock,
      random: () => this.#random.next(),
      warn: () => {},
    })
    runner.start()
    return runner
  }

  #makeTarget(id: string): SimulatedTarget {
    const random = this.#random
    const parking = this.#makeParking()
    const receiver = new SimulatedReceiver(() => ++this.#events, keepsOrder(parking))
    const periods = Array.from({ length: random.integer(4) }, () => this.#makePeriod())
    const transport = new MemoryTransport({
      clock: this.#clock,
      plan: periodsOf(periods, random),
      timeoutMs: random.pick([500, 5_000, 30_000]),
      latencyMs: random.pick([1, 10, 400]),
      receive: (request) => receiver.receive(request),
    })
    const config = configOf({
      id,
      actions: random.pick([[sendTracks], [sendTracks, copyOrders]]),
      delivery: {
        ...configOf().delivery,
        concurrency: 1 + random.integer(4),
        ...parking,
        retryWindowMs: random.pick([0, 5_000, 10 * MINUTE, 4 * HOUR]),
        firstRetryDelayMs: random.pick([1, 500]),
        // Faults last for hours: short delays would be thousands of attempts that show nothing new.
        maxRetryDelayMs: random.pick([MINUTE, 10 * MINUTE]),
        circuitMinRequests: random.pick([2, 5, 1_000_000]),
        circuitFailureShare: random.pick([0.3, 1]),
        circuitProbeDelayMs: random.pick([1_000, MINUTE]),
        requestsPerSecond: random.pick([0, 0, 5]),
        messagesPerSecond: random.pick([0, 0, 5]),
      },
    })
    return { config, maxMessages: 1 + random.integer(5), hasCheck: random.integer(3) > 0, receiver, transport }
  }

  #makeParking(): Parking {
    const random = this.#random
    const parkedForMs = random.pick([undefined, 1_000, 1_000_000 * HOUR])
    return {
      order: random.pick(['perProfile', 'perProfile', 'none']),
      parkAfterMs: random.pick([0, 1_000, MINUTE, 1_000_000 * HOUR]),
      parkedMax: random.pick([2, 10_000]),
      parkedPerKey: random.pick([2, 1_000]),
      ...(parkedForMs !== undefined && { parkedForMs }),
      afterParking: random.pick(['sendOn', 'dead']),
    }
  }

  #makePeriod(): FaultPeriod {
    const random = this.#random
    const fromMs = this.#clock.now() + random.integer(random.pick([2_000, HOUR]))
    const untilMs = fromMs + random.integer(random.pick([100, 10_000, HOUR]))
    return { fromMs, untilMs, fault: random.pick(faults), share: random.pick([1, 0.5, 0.1]) }
  }

  async #arrive(): Promise<void> {
    const random = this.#random
    const rows = Array.from({ length: random.integer(9) }, (): TestRow => {
      const kind = random.integer(14)
      if (kind === 0) return { rejected: true }
      const id = `m${this.#messages++}`
      if (kind === 1) return { id, duplicate: true }
      if (kind === 2) return { id, type: 'page' }
      if (kind === 3) return { id, more: { number: 'none' } }
      return {
        id,
        person: `p${random.integer(4)}`,
        source: random.pick(['web', 'app']),
        event: random.pick(['E', 'Order']),
      }
    })
    await this.#scene.add(rows)
  }

  /**
   * Sends some of what is dead again. If the process dies of it, that is known only when the runner has stopped.
   * @returns Whose `over` resolves when it is stored, or given up.
   */
  async #redrive(
    runner: DestinationRunner,
    { config, receiver }: SimulatedTarget,
  ): Promise<{ over: Promise<unknown> }> {
    const letters: LetterPlace[] = []
    const buried = new Map<string, number>()
    for (const { key, value } of await this.#scene.state.scan(deliveryState.dead, { prefix: [config.id] })) {
      if (this.#random.integer(3) === 0) continue
      const { messageId, action } = decodeDeadLetter(value)
      letters.push({ block: key[1] as number, index: key[2] as number, action })
      receiver.redriven.add(`${action} ${messageId}`)
      const name = `${config.id} ${action} ${messageId}`
      buried.set(name, this.#buried.get(name) ?? 0)
      this.#buried.delete(name)
    }
    let isOver = false
    const over = runner
      .redrive(letters, 0)
      .then(({ redriven }) => (this.#redriven += redriven.length))
      .catch(() => {
        // Nothing of it was stored.
        for (const [name, event] of buried) this.#buried.set(name, event)
      })
      .finally(() => (isOver = true))
    await this.#clock.run(() => isOver, HOUR)
    return { over }
  }

  async #pass(ms: number): Promise<void> {
    let isOver = false
    this.#clock.setTimeout(() => (isOver = true), ms)
    await this.#clock.run(() => isOver, ms)
  }

  /** Everything is settled: what the ledger says must be what the receivers saw. */
  async #judge(): Promise<void> {
    const letters = new Set<string>()
    for (const { key, value } of await this.#scene.state.scan(deliveryState.dead, { limit: 100_000 })) {
      const { messageId, action } = decodeDeadLetter(value)
      letters.add(`${String(key[0])} ${action} ${messageId}`)
    }
    const ledgers = await this.#scene.ledgers()
    for (const { config, receiver } of this.#targets) {
      assert.deepEqual(receiver.faults, [], config.id)
      const said = { delivered: 0, dead: 0 }
      for (const { destination, delivered, dead, pending } of ledgers) {
        if (destination !== config.id) continue
        said.delivered += delivered
        said.dead += Object.values(dead).reduce((sum, count) => sum + count, 0)
        assert.deepEqual(pending, { waiting: 0, inFlight: 0, parked: 0 })
      }
      const seen = { delivered: 0, dead: 0 }
      for (const { row } of this.#scene.rows) {
        const names = actionsFor(config, row)
        if (names.length === 0) continue
        let isDead = false
        for (const name of names) {
          const isBuried = letters.has(`${config.id} ${name}`)
          const accepted = receiver.accepted.get(name) ?? 0
          assert.ok(accepted <= 1, `${name} was accepted ${accepted} times at ${config.id}`)
          assert.ok(accepted === 1 || isBuried, `${name} is lost at ${config.id}`)
          const buriedAt = this.#buried.get(`${config.id} ${name}`) ?? Number.POSITIVE_INFINITY
          assert.ok(
            (receiver.lastAttempt.get(name) ?? 0) < buriedAt,
            `${name} was sent to ${config.id} after it was dead`,
          )
          isDead ||= isBuried
        }
        seen[isDead ? 'dead' : 'delivered']++
      }
      assert.deepEqual(said, seen, config.id)
    }
  }
}

const faults: readonly Fault[] = [
  ...everyFault,
  { kind: 'status', status: 400 },
  // Several times, because it pauses a destination only where the check is asked within the same period.
  ...Array.from({ length: 4 }, (): Fault => ({ kind: 'status', status: 401 })),
  { kind: 'status', status: 503, retryAfter: { form: 'seconds', ms: HOUR } },
]

/** The deliveries that a row must become, as `<action> <id>`. */
const actionsFor = ({ actions }: DestinationConfig, { id, type, event, rejected, duplicate }: TestRow): string[] => {
  if (rejected === true || duplicate === true || type !== undefined) return []
  return actions.filter(({ name }) => name === 'send' || event === 'Order').map(({ name }) => `${name} ${id}`)
}
