import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import {
  allFaults,
  faultNames,
  randomFromEnvironment,
  removeFolder,
  seededRandom,
  startFaultProxy,
  startReceiverProcess,
  temporaryFolder,
} from '@millrace/testkit'
import type { FaultProxy, Random } from '@millrace/testkit'
import type { Ledger } from '@millrace/protocol'
import { accountOf, assertBalanced } from './support/accounts.ts'
import { assertAllDelivered } from './support/all-delivered.ts'
import { pause } from './support/eventually.ts'
import { Load } from './support/load.ts'
import { ServerUnderTest } from './support/server-under-test.ts'
import { countTables, messagesIn } from './support/warehouse.ts'
import { WebhookRecord } from './support/webhook-record.ts'

/**
 * Processes of the real server die by `kill -9` at random moments while applications send and the way to the webhook fails in
 * every way that the fault model has. What is checked comes from the outside: what the senders saw acknowledged, what the
 * receiver wrote down before it answered, and the warehouse's rows. The ledger is held against them, never the other way round.
 *
 *   each round    kill one or two of control, writer, deliver, ingest, duckdb → ready again → the ledger balances, and it
 *                 claims no delivery that the receivers do not have
 *   now and then  senders pause, everything drains: all accounts are equal, message by message
 *
 * Three destinations: `hook` is a webhook behind the fault proxy, which gets copies, each with the key of the first; `broken`
 * is one whose TLS handshake always fails and that tries once, so all it matches is dead; `warehouse` has no row twice.
 */
const isCi = process.env['CI'] === 'true'
const ROUNDS = isCi ? 200 : 20
const FULL_CHECK_EVERY = isCi ? 25 : 10
const TIME_MS = (isCi ? 15 : 4) * 60_000

test(
  `${ROUNDS} rounds of kill -9 behind every fault lose nothing, double no row, and keep the ledger true`,
  { timeout: TIME_MS },
  async (t) => {
    const random = randomFromEnvironment('kill harness')
    const folder = await temporaryFolder()
    t.after(() => removeFolder(folder))
    const file = join(folder, 'received.ndjson')
    await writeFile(file, '')
    await using receiver = await startReceiverProcess({ file })
    const faults = allFaults({ random: seededRandom(random.seed + 2) })
    await using proxy = await startFaultProxy({ target: receiver.url, plan: faults.plan })
    await using server = await ServerUnderTest.start({
      folder,
      workspace: workspaceFor(proxy),
      ingestProcesses: random.integer(3),
    })
    const record = new WebhookRecord(file)
    // Its own numbers, so that how often a connection sends does not change which process is killed.
    const load = new Load({
      url: () => server.url,
      writeKey: 'wk_web',
      random: seededRandom(random.seed + 1),
      connections: 4,
      maxBatch: 15,
      // Each round recounts the whole log, so many rounds take a smaller one.
      pauseMs: isCi ? 800 : 150,
    })
    const nextRole = turnsOf(random)
    const kills = new Map<string, number>()
    const spentMs = { killing: 0, recovering: 0, checking: 0 }
    let lastMs = performance.now()
    const spend = (on: keyof typeof spentMs): void => {
      spentMs[on] += performance.now() - lastMs
      lastMs = performance.now()
    }
    try {
      load.start()
      for (let round = 1; round <= ROUNDS; round++) {
        await pause(random.integer(400))
        const killed = await killSomething(server, nextRole(), random)
        for (const name of killed) kills.set(name, (kills.get(name) ?? 0) + 1)
        spend('killing')
        try {
          await server.ready()
          spend('recovering')
          await checkWhileRunning(server, record)
          if (round % FULL_CHECK_EVERY === 0 || round === ROUNDS) {
            await load.settle()
            assertAllDead(await assertAllDelivered(server, record, load))
            if (round < ROUNDS) load.start()
            const seconds = Object.entries(spentMs).map(([on, ms]) => `${on} ${Math.round(ms / 1000)} s`)
            console.log(`round ${round}: ${load.acknowledged.size} messages are accounted for; ${seconds.join(', ')}`)
          }
          spend('checking')
        } catch (error) {
          throw new Error(`after round ${round} (killed ${killed.join(', ')}): ${String(error)}`, { cause: error })
        }
      }
      report(t, load, record, kills, faults.played)
      assert.ok(load.acknowledged.size > ROUNDS * 20, `only ${load.acknowledged.size} messages were sent`)
      // In few rounds not every way to arrange the processes meets every kill.
      const certain = ['control', 'deliver', 'duckdb']
      const all = [...certain, 'ingest-1', 'ingest-2', 'ingest-writer', 'writer']
      for (const name of isCi ? all : certain) assert.ok(kills.has(name), `${name} was never killed`)
      for (const name of isCi ? faultNames() : [])
        assert.ok(faults.played.has(name), `no request met the fault ${name}`)
      assert.ok(record.repeated > 0, 'the webhook got no copy, so nothing was shown about their keys')
      const { code } = await server.terminate()
      assert.equal(code, 0)
    } finally {
      await load.stop()
    }
  },
)

const roles = ['control', 'log', 'ingest', 'deliver', 'duckdb'] as const
type Role = (typeof roles)[number]

/** All roles in a random order, again and again, so that each has its turn however few rounds there are. */
const turnsOf = (random: Random): (() => Role) => {
  let bag: Role[] = []
  return () => {
    if (bag.length === 0) bag = [...roles]
    return bag.splice(random.integer(bag.length), 1)[0] as Role
  }
}

/** Kills the process that has the role; returns its name, or nothing when it does not run just now. */
const killRole = (server: ServerUnderTest, role: Role, random: Random): string[] => {
  const names = [...server.processes().keys()].filter((name) =>
    role === 'log' ? name.endsWith('writer') : role === 'ingest' ? name.startsWith('ingest-') : name === role,
  )
  if (names.length === 0) return []
  const name = random.pick(names)
  return server.kill(name) ? [name] : []
}

/**
 * Kills one process, or two shortly after each other; or the whole server, which is started again with another number of
 * ingest processes (with none, the process that owns the log listens). One start in four is killed midway and repeated.
 */
const killSomething = async (server: ServerUnderTest, role: Role, random: Random): Promise<string[]> => {
  if (role === 'control') {
    await server.crash()
    server.ingestProcesses = ((server.ingestProcesses ?? 0) + 1) % 3
    if (random.integer(4) === 0) {
      const starting = server.launch().catch(() => undefined)
      await pause(random.integer(1_500))
      await server.crash()
      await starting
    }
    await server.restart()
    return [role]
  }
  const killed = killRole(server, role, random)
  if (random.integer(4) > 0) return killed
  await pause(random.integer(300))
  return [...killed, ...killRole(server, random.pick(roles.slice(1)), random)]
}

const checkWhileRunning = async (server: ServerUnderTest, record: WebhookRecord): Promise<void> => {
  // The ledger first: what it has counted by then must be in the records that are read after it.
  const { ledger } = await assertBalanced(server)
  const { keys, faults } = await record.update()
  assert.deepEqual(faults, [])
  const hook = accountOf(ledger, 'hook')
  assert.ok(hook.delivered <= keys.size, `the ledger says ${hook.delivered} delivered, the receiver has ${keys.size}`)
  const counts = await countTables(server.api, 'web')
  for (const { table, rows, ids } of counts) assert.equal(rows, ids, `table ${table} has rows twice`)
  const loaded = accountOf(ledger, 'warehouse').delivered
  assert.ok(loaded <= messagesIn(counts), `the ledger says ${loaded} loaded, the warehouse has ${messagesIn(counts)}`)
}

/** What the broken webhook matched is dead, each message; nothing of it is pending, since the ledger has drained. */
const assertAllDead = (ledger: Ledger): void => {
  const { resolved, delivered, filtered, dead } = accountOf(ledger, 'broken')
  const matched = resolved - (filtered['no_action'] ?? 0)
  assert.ok(matched > 0, 'nothing was for the broken webhook')
  assert.equal(delivered, 0)
  assert.deepEqual(Object.keys(filtered), ['no_action'])
  assert.deepEqual(dead, { retry_window: matched })
}

const report = (
  t: TestContext,
  load: Load,
  record: WebhookRecord,
  kills: ReadonlyMap<string, number>,
  faults: ReadonlyMap<string, number>,
): void => {
  const textOf = (counts: ReadonlyMap<string, number>): string =>
    [...counts].map(([name, count]) => `${name} ${count}`).join('; ')
  t.diagnostic(`killed: ${textOf(kills)}`)
  t.diagnostic(`faults on the way to the webhook: ${textOf(faults)}`)
  t.diagnostic(
    `${load.acknowledged.size} messages acknowledged, ${load.resent} sent again, ${record.repeated} came twice at the webhook`,
  )
}

const workspaceFor = (proxy: FaultProxy) => ({
  sources: { web: { type: 'http', writeKeys: ['wk_web'] } },
  destinations: {
    hook: {
      type: 'webhook',
      settings: { url: proxy.url, batchSize: 50, batchFormat: 'envelope' },
      // Short, so that a hanging request and an open circuit do not make the drains long.
      delivery: {
        timeoutMs: 500,
        firstRetryDelayMs: 100,
        maxRetryDelayMs: 1_000,
        circuitProbeDelayMs: 100,
      },
    },
    broken: {
      type: 'webhook',
      settings: { url: proxy.brokenTlsUrl },
      mappings: [{ action: 'send', trigger: 'type = "identify"' }],
      delivery: { retryWindowMs: 0, circuitMinRequests: 1_000_000 },
    },
    warehouse: { type: 'duckdb', settings: { path: './warehouse.duckdb' } },
  },
  network: { allow: ['127.0.0.0/8'] },
})
