import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  randomFromEnvironment,
  removeFolder,
  startReceiverProcess,
  temporaryFolder,
  withSmallDisk,
} from '@millrace/testkit'
import { assertAllDelivered } from './support/all-delivered.ts'
import { eventually } from './support/eventually.ts'
import { Load } from './support/load.ts'
import { ServerUnderTest } from './support/server-under-test.ts'
import { WebhookRecord } from './support/webhook-record.ts'

const MEGABYTE = 1024 * 1024

const readiness = async (url: string): Promise<{ status: number; reasons: string[] }> => {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(10_000) })
  const { reasons } = (await response.json()) as { reasons: string[] }
  return { status: response.status, reasons }
}

test('a full disk gives 503, loses nothing, and is left behind once there is space', { timeout: 180_000 }, (t) =>
  withSmallDisk(
    72 * MEGABYTE,
    (reason) => t.skip(reason),
    async (disk) => {
      const random = randomFromEnvironment('full disk')
      // What the receiver writes down and the test's own files are not on the disk that becomes full.
      const folder = await temporaryFolder()
      t.after(() => removeFolder(folder))
      const filler = join(disk, 'filler')
      await writeFile(filler, Buffer.alloc(40 * MEGABYTE))
      const file = join(folder, 'received.ndjson')
      await writeFile(file, '')
      await using receiver = await startReceiverProcess({ file })
      const workspace = {
        sources: { web: { type: 'http', writeKeys: ['wk_web'] } },
        destinations: {
          hook: { type: 'webhook', settings: { url: receiver.url, batchSize: 50, batchFormat: 'envelope' } },
          warehouse: { type: 'duckdb', settings: { path: './warehouse.duckdb' } },
        },
        network: { allow: ['127.0.0.0/8'] },
      }
      await using server = await ServerUnderTest.start({ folder, data: join(disk, 'data'), workspace })
      await server.ready()
      const load = new Load({
        url: () => server.url,
        writeKey: 'wk_web',
        random,
        connections: 4,
        maxBatch: 12,
        pauseMs: 5,
        padBytes: 20_000,
      })
      try {
        load.start()
        const { retryAfter } = await eventually('an answer of 503', () => load.unavailable, { timeoutMs: 60_000 })
        assert.match(retryAfter ?? '', /^[1-9]\d*$/, '503 says when to try again')
        assert.deepEqual(
          [...load.statuses.keys()].filter((status) => status !== 200 && status !== 503),
          [],
        )
        const { reasons } = await eventually('/readyz says 503', async () => {
          const seen = await readiness(server.url)
          return seen.status === 503 ? seen : undefined
        })
        assert.match(reasons.join('; '), /cannot be stored|disk is full/)
        const health = await fetch(`${server.url}/healthz`)
        assert.equal(health.status, 200, 'a full disk is no reason to be restarted')
        await health.body?.cancel()
        const acknowledgedWhenFull = load.acknowledged.size
        t.diagnostic(`${acknowledgedWhenFull} messages were acknowledged before the disk was full`)
        assert.ok(acknowledgedWhenFull > 100)

        await rm(filler)
        await eventually(
          'messages are accepted again',
          () => (load.acknowledged.size > acknowledgedWhenFull + 20 ? true : undefined),
          { timeoutMs: 60_000 },
        )
        await load.settle(60_000)
        await server.ready()
        await assertAllDelivered(server, new WebhookRecord(file), load)
      } finally {
        await load.stop()
      }
    },
  ),
)
