import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { traceDeliveries } from '@millrace/delivery'
import type { DestinationConfig } from '@millrace/delivery'
import { identityState } from '@millrace/identity'
import { MessageFinder, sourceLedgers } from '@millrace/pipeline'
import type { DestinationLedger } from '@millrace/protocol'
import { Fingerprinter, decodeResolution, resolveState } from '@millrace/storage'
import { InProcessPipeline, destination, fingerprintKey, isSettled } from './in-process-pipeline.ts'
import { pathFiles } from './path-files.ts'
import { root } from './source-files.ts'

/** Steps that need a second process or a disk: what stands for them here. Their own tests and the kill harness run them. */
const standIns: { readonly [file: string]: string } = {
  'server/src/append/append-client.ts': 'a function call, because all stages run in this process',
  'storage/src/engines/file-log/file-event-log.ts': 'MemoryEventLog, which passes the same conformance suite',
  'warehouses/src/engines/duckdb/loader.ts': 'a warehouse in memory',
}

const sent = { userId: 'u1', event: 'Signed Up', messageId: 'm-1', properties: { plan: 'pro' } }

describe('the path of one message', () => {
  it('names files that exist', () => {
    const files = [...pathFiles(0), ...pathFiles(1)]
    assert.ok(files.length >= 18, `${files.length} files`)
    assert.deepEqual(
      files.filter((file) => !existsSync(join(root, 'packages', file))),
      [],
    )
  })

  describe('followed by one message', () => {
    const pipeline = new InProcessPipeline()
    const visited: string[] = []
    let answer: Promise<number>
    let status: number | undefined
    const hook = (): DestinationConfig =>
      destination('hook', 'webhook', {
        settings: { url: pipeline.receiver.url, method: 'POST', batchSize: 1, batchFormat: 'array' },
        actions: [
          { name: 'send', action: 'send', trigger: 'event = "Signed Up"', fields: { data: { '@path': '$.' } } },
        ],
      })
    const step = (file: string, effect: string, check: () => Promise<void>): void => {
      it(`${file}: ${effect}`, async () => {
        visited.push(file)
        await check()
      })
    }

    before(() => pipeline.open())
    after(() => pipeline.close())

    step('ingestion/src/tracking-api.ts', 'takes the route', async () => {
      pipeline.holdsAppends = true
      assert.equal(pipeline.api.matches('POST', '/v1/track'), true)
      answer = pipeline.send(sent).then((code) => (status = code))
    })
    step('ingestion/src/exchange.ts', 'has read the body and waits', async () => {
      for (let turn = 0; pipeline.held.length === 0; turn++) {
        assert.ok(turn < 2000, 'no block was appended')
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      assert.equal(pipeline.api.metrics().bodyBytes, JSON.stringify(sent).length)
      assert.equal(status, undefined, 'there is no answer before the block is durable')
    })
    step('ingestion/src/acceptor.ts', 'found the source by the write key', async () => {
      assert.equal(pipeline.appended[0]?.source(0), 'web')
      assert.deepEqual(pipeline.appended[0]?.raw(0).toString(), JSON.stringify(sent), 'bytes stay as they were sent')
    })
    step('ingestion/src/message-reader.ts', 'made the envelope', async () => {
      const envelope = pipeline.appended[0]?.envelope(0)
      assert.equal(envelope?.messageId, 'm-1')
      assert.equal(envelope?.set?.['timestamp'], '2026-03-01T09:00:00.000Z')
      assert.equal(pipeline.appended[0]?.standardEvent(0), 'Signed Up')
    })
    step('ingestion/src/block-writer.ts', 'closed one block of one row', async () => {
      assert.equal(pipeline.appended.length, 1)
      assert.equal(pipeline.appended[0]?.rowCount, 1)
    })
    step('server/src/append/append-client.ts', 'handed it over; nothing is stored and nothing answered', async () => {
      assert.equal(await pipeline.log.head(), 0)
      assert.equal(status, undefined)
    })
    step('storage/src/engines/file-log/file-event-log.ts', 'stored it; only then comes 200', async () => {
      for (const go of pipeline.held) go()
      assert.equal(await answer, 200)
      assert.equal(await pipeline.log.head(), 1)
      pipeline.holdsAppends = false
    })
    step('pipeline/src/resolver.ts', 'read it and moved its cursor', async () => {
      assert.equal(await pipeline.resolveStore.cursor(resolveState.consumer), undefined)
      assert.equal(await pipeline.resolve(), 1)
      assert.deepEqual(await pipeline.resolveStore.cursor(resolveState.consumer), { block: 1, index: 0 })
    })
    step('pipeline/src/deduplicate.ts', 'saw its id for the first time', async () => {
      const [ledger] = await sourceLedgers(pipeline.log, pipeline.resolveStore)
      assert.deepEqual([ledger?.accepted, ledger?.duplicate, ledger?.resolved], [1, 0, 1])
    })
    step('identity/src/identity-resolver.ts', 'took its facts up in the same transaction', async () => {
      assert.deepEqual(await pipeline.resolveStore.cursor(identityState.consumer), { block: 1, index: 0 })
    })
    step('storage/src/resolution-record.ts', 'says that it goes on, and under which version', async () => {
      const stored = await pipeline.resolveStore.get(resolveState.resolutions, [0])
      assert.deepEqual(stored && decodeResolution(stored), { workspaceVersion: 7, resolved: 1 })
    })
    step('pipeline/src/message-index/message-index-writer.ts', 'makes it findable by its messageId', async () => {
      const finder = new MessageFinder(join(pipeline.folder, 'index'), pipeline.log, new Fingerprinter(fingerprintKey))
      assert.deepEqual(await finder.find('m-1'), [{ block: 0, index: 0 }])
    })
    step('delivery/src/resolved-feed.ts', 'gives block and record together', async () => {
      const [resolved] = await pipeline.feed.read(0)
      assert.equal(resolved?.isResolved(0), true)
      assert.equal(resolved?.message(0).userId, 'u1')
    })
    step('delivery/src/match.ts', 'found it for the action whose trigger it meets', async () => {
      await pipeline.deliver(
        [hook(), destination('none', 'webhook', { ...hook(), id: 'none', actions: [] })],
        isSettled,
      )
      const [none] = (await pipeline.ledgers()).filter(({ destination: id }) => id === 'none')
      assert.deepEqual(none?.filtered, { no_action: 1 })
    })
    step('delivery/src/destination-runner.ts', 'mapped it', async () => {
      const [received] = pipeline.receiver.messages
      assert.equal(received?.messageId, 'm-1')
    })
    step('delivery/src/lanes.ts', 'sent it once', async () => {
      assert.equal(pipeline.receiver.counts.requests, 1)
    })
    step('destinations/src/webhook/send.ts', 'made the request, which was answered with 200', async () => {
      assert.deepEqual(
        pipeline.receiver.accepted().map(({ messageId }) => messageId),
        ['m-1'],
      )
    })
    step('delivery/src/delivery-window.ts', 'settled its row', async () => {
      const position = { block: 0, index: 0 }
      const stages = await traceDeliveries(pipeline.deliveryStore, pipeline.feed, position)
      assert.deepEqual(stages, [
        { stage: 'delivery', destination: 'hook', action: 'send', outcome: 'delivered' },
        { stage: 'delivery', destination: 'none', outcome: 'filtered', reason: 'no_action' },
      ])
    })
    step('delivery/src/destination-committer.ts', 'moved the cursor and the account together', async () => {
      assert.deepEqual(await pipeline.deliveryStore.cursor('delivery/hook'), { block: 1, index: 0 })
      const [ledger] = await pipeline.ledgers()
      assert.deepEqual([ledger?.resolved, ledger?.delivered], [1, 1])
    })
    step('delivery/src/sink-runner.ts', 'gave it to a warehouse', async () => {
      await pipeline.deliver([hook(), destination('lake', 'memory')], isSettled)
      assert.deepEqual(
        pipeline.loads[0]?.messages.map(({ schema, message }) => [schema, message.messageId]),
        [['web', 'm-1']],
      )
    })
    step('warehouses/src/engines/duckdb/loader.ts', 'stored rows and cursor together', async () => {
      assert.deepEqual(pipeline.loads[0]?.next, { block: 1, index: 0 })
    })
    step('delivery/src/destination-committer.ts', 'followed with the ledger', async () => {
      const [lake] = (await pipeline.ledgers()).filter(({ destination: id }) => id === 'lake')
      assert.deepEqual([lake?.resolved, lake?.delivered], [1, 1])
    })
    it('passed every file of the diagrams, in their order', () => {
      assert.deepEqual(visited, [...pathFiles(0), ...pathFiles(1)])
      for (const file of Object.keys(standIns)) assert.ok(visited.includes(file), `${file} is no step`)
    })

    it('leaves to the left where it fails: each refusal is counted and nothing is sent', async () => {
      assert.equal(await pipeline.send(sent, '/v1/none'), 404)
      assert.equal(await pipeline.send(sent, '/v1/track', 'unknown'), 401)
      assert.equal(await pipeline.send({ userId: 'u1' }), 200, 'a track message without event is a rejection')
      pipeline.log.failNextAppend()
      assert.equal(await pipeline.send({ ...sent, messageId: 'lost' }), 503)
      assert.equal(await pipeline.send(sent), 200, 'a copy is accepted, and taken out as a duplicate')
      assert.equal(await pipeline.send({ ...sent, messageId: 'other', event: 'Else' }), 200)
      assert.equal(await pipeline.send({ ...sent, messageId: 'refused' }), 200)
      while ((await pipeline.resolve()) > 0) assert.ok((await pipeline.log.head()) < 10)
      await pipeline.deliver([hook(), destination('lake', 'memory')], isSettled)

      const [unknown, web] = await sourceLedgers(pipeline.log, pipeline.resolveStore)
      assert.deepEqual([unknown?.source, web?.source], ['', 'web'])
      assert.deepEqual([web?.accepted, web?.duplicate, web?.resolved], [4, 1, 3])
      assert.deepEqual(web?.rejected, { no_event: 1 })
      assert.deepEqual(unknown?.rejected, { unknown_write_key: 1 })
      const byId = new Map((await pipeline.ledgers()).map((account) => [account.destination, account]))
      const { delivered, filtered, dead } = byId.get('hook') as DestinationLedger
      assert.deepEqual(
        { delivered, filtered, dead },
        { delivered: 1, filtered: { no_action: 1 }, dead: { rejected: 1 } },
      )
      assert.equal(byId.get('lake')?.delivered, 3)
    })
  })
})
