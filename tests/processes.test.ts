import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { assertBalanced, drained } from './support/accounts.ts'
import { eventually } from './support/eventually.ts'
import { assertAllDelivered } from './support/all-delivered.ts'
import { parseMetrics, valueOf } from './support/prometheus.ts'
import { withRig } from './support/rig.ts'
import { ServerUnderTest } from './support/server-under-test.ts'

const timeout = 120_000

test('SIGTERM under load ends with 0 within 15 s and loses nothing', { timeout }, (t) =>
  withRig({ what: 'SIGTERM', ingestProcesses: 2 }, async ({ server, hook, load }) => {
    load.start()
    for (let round = 1; round <= 2; round++) {
      const before = load.acknowledged.size
      await eventually('the load is under way', () => (load.acknowledged.size > before + 150 ? true : undefined))
      const { code, signal, ms } = await server.terminate()
      assert.deepEqual({ code, signal }, { code: 0, signal: null }, server.lastLogs())
      assert.ok(ms < 15_000, `it took ${ms} ms`)
      t.diagnostic(`ended after ${Math.round(ms)} ms`)
      assert.deepEqual(
        server.logs.filter(({ level }) => level === 'error'),
        [],
      )
      assert.ok(server.logs.some(({ message }) => message === 'stopped'))
      server.ingestProcesses = 0
      await server.restart()
    }
    await load.settle()
    await assertAllDelivered(server, hook.record, load)
  }),
)

test('a second server on the same data folder is refused and says why; the first goes on', { timeout }, () =>
  withRig({ what: 'second server' }, async ({ server, folder, hook, load }) => {
    const second = new ServerUnderTest({ folder, workspace: {} })
    load.start()
    await assert.rejects(second.launch(), /data is in use by another running Millrace .*--data/)
    await second[Symbol.asyncDispose]()
    await load.settle()
    await assertAllDelivered(server, hook.record, load)
  }),
)

test('a data folder of a newer format is refused and left as it is', { timeout }, async (t) => {
  const folder = await temporaryFolder()
  t.after(() => removeFolder(folder))
  const format = join(folder, 'format.json')
  await writeFile(format, '{"format":99}')
  await using server = new ServerUnderTest({ folder, data: folder })
  await assert.rejects(server.launch(), /format\.json says format 99, this Millrace knows formats up to 1; use a newer/)
  assert.equal(await readFile(format, 'utf8'), '{"format":99}')
})

/** With 0 ingest processes the one that owns the log listens. */
const arrangements = [
  { ingestProcesses: 0, roles: ['ingest-writer', 'deliver'] },
  { ingestProcesses: 1, roles: ['writer', 'deliver', 'ingest-1'] },
]

for (const { ingestProcesses, roles } of arrangements) {
  test(`a process that died is started again, and the server says so (${roles.join(', ')})`, { timeout }, () =>
    withRig({ what: 'restarts', ingestProcesses }, async ({ server, hook, load }) => {
      load.start()
      for (const name of [...roles, 'duckdb']) {
        const before = await eventually(`${name} runs`, () => server.processes().get(name))
        assert.ok(server.kill(name))
        await eventually(`${name} runs again`, () => {
          const now = server.processes().get(name)
          return now === undefined || now === before ? undefined : now
        })
        await server.ready()
      }
      await load.settle()
      await assertAllDelivered(server, hook.record, load)
      const { processes } = (await server.api.status()) as unknown as {
        processes: { name: string; restarts: number }[]
      }
      assert.deepEqual(
        processes.map(({ name, restarts }) => [name, restarts]),
        [['control', 0], ...roles.map((name) => [name, 1])],
      )
      const metrics = parseMetrics(await getMetrics(server))
      assert.equal(valueOf(metrics, 'millrace_process_restarts_total', { process: 'deliver' }), 1)
    }),
  )
}

const getMetrics = async (server: ServerUnderTest): Promise<string> => {
  const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.token}` } })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  return response.text()
}

test('/healthz, /readyz and /metrics answer, and the metrics are the ledger', { timeout }, () =>
  withRig({ what: 'operations', ingestProcesses: 2 }, async ({ server, hook, load }) => {
    const health = await fetch(`${server.url}/healthz`)
    assert.deepEqual([health.status, await health.json()], [200, { status: 'ok' }])
    await server.ready()
    load.start()
    await eventually('messages are accepted', () => (load.acknowledged.size > 200 ? true : undefined))
    await load.settle()
    await assertAllDelivered(server, hook.record, load)

    const closed = await fetch(`${server.url}/metrics`)
    assert.equal(closed.status, 401, 'metrics need the token unless they are made public')
    await closed.body?.cancel()
    const metrics = parseMetrics(await getMetrics(server))
    const ledger = await drained(server)
    const [source] = ledger.sources
    assert.equal(valueOf(metrics, 'millrace_messages_accepted_total', { source: 'web' }), source?.accepted)
    for (const { destination, delivered } of ledger.destinations) {
      assert.equal(valueOf(metrics, 'millrace_messages_delivered_total', { destination }), delivered)
      assert.equal(valueOf(metrics, 'millrace_messages_pending', { destination }), 0)
      assert.equal(valueOf(metrics, 'millrace_destination_up', { destination }), 1)
    }
    for (const process of ['control', 'writer', 'deliver', 'ingest-1', 'ingest-2']) {
      assert.ok(valueOf(metrics, 'millrace_process_resident_bytes', { process }) > 1e6, process)
    }
    assert.ok(valueOf(metrics, 'millrace_disk_free_bytes') > 0)
    for (const [name, { type, samples }] of metrics) {
      if (type !== 'histogram') continue
      const buckets = samples.filter((sample) => sample.name.endsWith('_bucket'))
      assert.ok(buckets.length > 0, name)
      const key = (labels: Record<string, string>): string => labels['process'] ?? labels['destination'] ?? ''
      const last = new Map<string, number>()
      for (const { labels, value } of buckets) {
        assert.ok(value >= (last.get(key(labels)) ?? 0), `${name} is not cumulative`)
        last.set(key(labels), value)
      }
      for (const sample of samples.filter(({ name }) => name.endsWith('_count'))) {
        assert.equal(sample.value, last.get(key(sample.labels)), `${name}: +Inf is not the count`)
      }
    }
    await assertBalanced(server)
  }),
)
