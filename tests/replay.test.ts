import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, ReplayStatus } from '@millrace/protocol'
import { removeFolder, startWebhookReceiver, temporaryFolder } from '@millrace/testkit'
import type { WebhookReceiver } from '@millrace/testkit'
import { typed } from './examples/command-line.ts'
import { assertBalanced, drained } from './support/accounts.ts'
import { eventually } from './support/eventually.ts'
import { post } from './support/post.ts'
import { workspaceOf } from './support/rig.ts'
import { ServerUnderTest } from './support/server-under-test.ts'

const PAST = '2020-01-01T00:00:00Z'

const webhook = ({ url }: WebhookReceiver, delivery: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  type: 'webhook',
  settings: { url, batchSize: 1, ...more },
  delivery: { firstRetryDelayMs: 10, maxRetryDelayMs: 50, ...delivery },
})

interface Scene {
  server: ServerUnderTest
  receiver: WebhookReceiver
  /** Sends track messages with ids of this beginning, one person each in ten. */
  send: (prefix: string, count: number, event?: string) => Promise<void>
  apply: (destinations: JsonObject) => Promise<void>
}

const withScene = async (
  options: { delayMs?: number; status?: (ids: readonly string[]) => number; delivery?: JsonObject },
  use: (scene: Scene) => Promise<void>,
): Promise<void> => {
  const folder = await temporaryFolder()
  const { delayMs = 0, status = () => 200, delivery = {} } = options
  await using receiver = await startWebhookReceiver({
    record: 'messages',
    delayMs,
    status: (_, messages) => status(messages.map(({ messageId = '' }) => messageId)),
  })
  try {
    await using server = await ServerUnderTest.start({ folder })
    const apply = async (destinations: JsonObject): Promise<void> => {
      await server.api.putWorkspace({ document: workspaceOf(destinations), by: 'test' })
    }
    await apply({ hook: webhook(receiver, delivery) })
    const send = async (prefix: string, count: number, event = 'Signed Up'): Promise<void> => {
      const all = Array.from({ length: count }, (_, number) => ({
        type: 'track',
        event,
        messageId: `${prefix}-${number}`,
        userId: `user-${number % 10}`,
      }))
      for (let at = 0; at < all.length; at += 100) {
        const body = JSON.stringify({ batch: all.slice(at, at + 100) })
        assert.equal((await post(`${server.url}/v1/batch`, body, { writeKey: 'wk_web' })).status, 200)
      }
    }
    await use({ server, receiver, send, apply })
  } finally {
    await removeFolder(folder)
  }
}

const untilState = (server: ServerUnderTest, id: string, state: ReplayStatus['state']): Promise<ReplayStatus> =>
  eventually(`${id} to be ${state}`, async () => {
    const status = await server.api.replayStatus(id)
    return status.state === state ? status : undefined
  })

const acceptedIds = (receiver: WebhookReceiver, prefix = ''): string[] =>
  receiver.accepted().flatMap(({ messageId = '' }) => (messageId.startsWith(prefix) ? [messageId] : []))

const outage =
  'after an outage the command line shows what would be sent, replays what is dead, and leaves the ledger of live traffic alone'
test(outage, { timeout: 120_000 }, async () => {
  let isDown = true
  await withScene({ status: (ids) => (isDown && ids.some((id) => id.endsWith('7')) ? 400 : 200) }, async (scene) => {
    const { server, receiver, send } = scene
    await send('a', 30)
    await drained(server)
    assert.equal(acceptedIds(receiver).length, 27)
    isDown = false
    const before = (await server.api.ledger()).destinations
    const command = `npx millrace replay --destination hook --from ${PAST} --failed-only`
    const dryRun = await typed(`${command} --dry-run`, server)
    assert.match(dryRun, /received in that time +30\nselected +3\nfor the destination today +3\n/)
    assert.match(dryRun, new RegExp(`POST ${receiver.url}`))
    assert.equal((dryRun.match(/^message a-\d+/gm) ?? []).length, 3)
    assert.match(await typed(command, server), /selected +3/, 'without a terminal and --yes nothing is begun')
    assert.deepEqual((await server.api.replays()).replays, [])
    const shown = await typed(`${command} --yes`, server)
    assert.match(shown, /replay-1 +hook +completed +100 % +3 +3 +0 +0 +0/)
    assert.deepEqual(acceptedIds(receiver).slice(27).toSorted(), ['a-17', 'a-27', 'a-7'])
    const keys = new Map<string, string>()
    for (const { messageId = '', idempotencyKey = '' } of receiver.messages) {
      assert.equal(keys.get(messageId) ?? idempotencyKey, idempotencyKey, 'the key stays')
      keys.set(messageId, idempotencyKey)
    }
    assert.deepEqual((await server.api.ledger()).destinations, before)
    await assertBalanced(server)
    assert.match(await typed('npx millrace trace a-7', server), /hook by replay-1 \(.*\) +delivered/)
    assert.match(await typed('npx millrace ledger', server), /replay-1/)
    const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.token}` } })
    assert.match(
      await metrics.text(),
      /millrace_replay_messages_total\{replay="replay-1",destination="hook",outcome="delivered"\} 3/,
    )
  })
})

test(
  'pause, resume and cancel work through API and command line, over kill -9, and nothing is left out',
  { timeout: 120_000 },
  () =>
    withScene({}, async ({ server, receiver, send }) => {
      await send('a', 300)
      await drained(server)
      const { replay, estimate } = await server.api.replay({ destination: 'hook', from: PAST, messagesPerSecond: 100 })
      assert.deepEqual([estimate.messages, estimate.matching, estimate.sampled], [300, 300, false])
      assert.deepEqual([replay?.id, replay?.state], ['replay-1', 'running'])
      await assert.rejects(server.api.replay({ destination: 'hook', from: PAST }), /replay-1 of "hook" is running/)
      await eventually('something is sent', () => receiver.counts.accepted > 320 || undefined)
      // While requests are under way: the replay goes on by itself.
      await server.crash()
      await server.restart()
      await eventually('more is sent', () => receiver.counts.accepted > 360 || undefined)
      assert.match(await typed('npx millrace replay pause replay-1', server), /replay-1 to hook: paused/)
      await server.crash()
      const sent = receiver.counts.accepted
      await server.restart()
      await send('live', 5)
      await drained(server)
      assert.equal(receiver.counts.accepted, sent + 5, 'live traffic alone')
      assert.match(await typed('npx millrace replay list', server), /replay-1 +hook +paused/)
      assert.equal((await server.api.resumeReplay('replay-1')).state, 'running')
      assert.match(await typed('npx millrace replay watch replay-1', server), /completed +100 % +300 +300/)
      assert.equal(new Set(acceptedIds(receiver, 'a-')).size, 300)
      const again = acceptedIds(receiver, 'a-').slice(300)
      assert.equal(new Set(again).size, 300, 'each was sent again')
      await assertBalanced(server)

      await server.api.replay({ destination: 'hook', from: PAST, messagesPerSecond: 20 })
      assert.match(await typed('npx millrace replay cancel replay-2', server), /replay-2 to hook: cancelled/)
      const cancelled = await server.api.replayStatus('replay-2')
      assert.ok(cancelled.counts.pending > 0 && !cancelled.counts.exact)
      await assert.rejects(server.api.resumeReplay('replay-2'), /cancelled already/)
      await assert.rejects(server.api.pauseReplay('replay-9'), /there is no replay "replay-9"/)
      await assertBalanced(server)
    }),
)

test(
  'a new destination is filled with what was there before it, and nothing is left out of it',
  { timeout: 120_000 },
  () =>
    withScene({}, async ({ server, receiver, send, apply }) => {
      await send('old', 40)
      await send('other', 20, 'Order Completed')
      await drained(server)
      await using second = await startWebhookReceiver({ record: 'messages' })
      await apply({
        hook: webhook(receiver),
        crm: webhook(second),
        lake: { type: 'duckdb', settings: { path: './w.db' } },
      })
      await send('new', 10)
      await eventually('the new ones', () => second.counts.accepted === 10 || undefined)
      await drained(server)
      const { replay } = await server.api.replay({ destination: 'crm', from: PAST, event: 'Signed Up' })
      const { counts } = await untilState(server, replay?.id ?? '', 'completed')
      assert.equal(counts.failed['rejected'], undefined)
      const ids = acceptedIds(second)
      assert.equal(new Set(ids).size, 50)
      assert.equal(ids.length, 60, 'what it has got already is in the time as well')
      await assert.rejects(server.api.replay({ destination: 'lake', from: PAST }), /warehouse.*startAt/s)
      await assert.rejects(server.api.replay({ destination: 'nobody', from: PAST }), /no destination "nobody"/)
      await assertBalanced(server)
    }),
)

const priority = 'live messages are delivered promptly while a long replay keeps a slow destination busy'
test(priority, { timeout: 120_000 }, () =>
  withScene({ delayMs: 60, delivery: { concurrency: 4 } }, async ({ server, receiver, send }) => {
    await send('a', 400)
    await drained(server)
    const { replay } = await server.api.replay({ destination: 'hook', from: PAST })
    await eventually('the replay sends', () => receiver.counts.accepted > 410 || undefined)
    const delays: number[] = []
    for (let turn = 0; turn < 8; turn++) {
      const startedMs = performance.now()
      await send(`live${turn}`, 1)
      await eventually('the live message', () => acceptedIds(receiver, `live${turn}`).length === 1 || undefined)
      delays.push(performance.now() - startedMs)
    }
    assert.equal((await server.api.replayStatus(replay?.id ?? '')).state, 'running', 'the replay is still under way')
    // 400 messages at two at a time take 12 seconds; a live one waits for at most the requests under way.
    const [median = Infinity] = delays.toSorted((a, b) => a - b).slice(4)
    assert.ok(median < 1_500, `a live message took ${median} ms: ${delays.join(', ')}`)
    await server.api.cancelReplay(replay?.id ?? '')
  }),
)
