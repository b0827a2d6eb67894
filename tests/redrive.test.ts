import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { DeadLetterEntry, Json } from '@millrace/protocol'
import { removeFolder, startWebhookReceiver, temporaryFolder } from '@millrace/testkit'
import type { WebhookReceiver } from '@millrace/testkit'
import { typed } from './examples/command-line.ts'
import { assertBalanced, drained } from './support/accounts.ts'
import { eventually } from './support/eventually.ts'
import { post } from './support/post.ts'
import { workspaceOf } from './support/rig.ts'
import { ServerUnderTest } from './support/server-under-test.ts'

interface Scene {
  folder: string
  server: ServerUnderTest
  receiver: WebhookReceiver
  other: WebhookReceiver
  /** What the receiver of `hook` answers to a message. */
  answer: (messageId: string) => number
  /** With mappings of `hook`; without them its presets. */
  apply: (mappings?: Json) => Promise<void>
  send: (prefix: string, count: number) => Promise<void>
  dead: () => Promise<DeadLetterEntry[]>
}

const withScene = async (use: (scene: Scene) => Promise<void>): Promise<void> => {
  const folder = await temporaryFolder()
  let scene: Scene | undefined
  await using receiver = await startWebhookReceiver({
    record: 'messages',
    status: (_, [message]) => scene?.answer(message?.messageId ?? '') ?? 200,
  })
  await using other = await startWebhookReceiver({ record: 'messages' })
  try {
    await using server = await ServerUnderTest.start({ folder })
    const to = ({ url }: WebhookReceiver) => ({ type: 'webhook', settings: { url, batchSize: 1 } })
    scene = {
      folder,
      server,
      receiver,
      other,
      answer: () => 200,
      apply: async (mappings) => {
        const hook = { ...to(receiver), ...(mappings !== undefined && { mappings }) }
        await server.api.putWorkspace({ document: workspaceOf({ hook, other: to(other) }), by: 'test' })
      },
      send: async (prefix, count) => {
        const batch = Array.from({ length: count }, (_, number) => ({
          type: 'track',
          event: 'Signed Up',
          messageId: `${prefix}-${number}`,
          userId: `user-${number % 3}`,
        }))
        assert.equal(
          (await post(`${server.url}/v1/batch`, JSON.stringify({ batch }), { writeKey: 'wk_web' })).status,
          200,
        )
        await drained(server)
      },
      dead: async () => (await server.api.deadLetters('hook', { limit: 1000 })).entries,
    }
    await use(scene)
  } finally {
    await removeFolder(folder)
  }
}

/** How often each message was accepted. */
const acceptedOf = (receiver: WebhookReceiver): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const { messageId = '' } of receiver.accepted()) counts.set(messageId, (counts.get(messageId) ?? 0) + 1)
  return counts
}
const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${prefix}-${number}`)

const repaired =
  'a mapping that does not fit is tried and repaired, and its dead messages are redriven by command line, to this destination alone'
test(repaired, { timeout: 120_000 }, () =>
  withScene(async ({ folder, server, receiver, other, apply, send, dead }) => {
    const good = [{ action: 'send', trigger: 'type = "track"', fields: { data: { '@path': '$.' } } }]
    const broken = [{ ...good[0], fields: { data: { '@path': '$.properties.plan' } } }] as Json
    await apply(broken)
    await send('a', 4)
    const letters = await dead()
    assert.deepEqual(
      letters.map(({ messageId, reason }) => [messageId, reason]),
      ids('a', 4)
        .toReversed()
        .map((id) => [id, 'invalid']),
    )
    assert.match(await typed('npx millrace dead hook', server), /hook +send +invalid +\w+ +4/)
    const file = join(folder, 'good.json')
    await writeFile(file, JSON.stringify(good))
    assert.match(await typed(`npx millrace preview hook --id a-0 --mappings ${file}`, server), /matched/)
    await apply(good)
    const before = acceptedOf(other)

    const [first] = letters
    const byId = await typed(`npx millrace redrive hook --id ${first?.id} --wait`, server)
    assert.match(byId, /1 message is on the way to hook again.\n1 delivered, 0 dead again/)
    assert.deepEqual([...acceptedOf(receiver)], [['a-3', 1]])
    assert.match(await typed(`npx millrace redrive hook --id ${first?.id}`, server), /0 messages are .*\nNot .*:send: /)
    const byCause = await typed('npx millrace redrive hook --action send --reason invalid --wait', server)
    assert.match(byCause, /3 delivered, 0 dead again/)
    assert.match(await typed('npx millrace redrive hook --all', server), /0 messages are/)
    assert.deepEqual(acceptedOf(receiver), new Map(ids('a', 4).map((id) => [id, 1])))
    assert.deepEqual(acceptedOf(other), before)
    assert.deepEqual(await dead(), [])
    assert.match(await typed('npx millrace trace a-0', server), /hook \(send\) +delivered/)
    await assertBalanced(server)
  }),
)

const again = 'what is refused again is dead again with a letter that says so, and the next redrive may deliver it'
test(again, { timeout: 120_000 }, () =>
  withScene(async (scene) => {
    const { server, receiver, apply, send, dead } = scene
    scene.answer = (id) => (id === 'b-1' ? 400 : 200)
    await apply()
    await send('b', 3)
    const [letter] = await dead()
    const { id = '' } = letter ?? {}
    await assert.rejects(typed(`npx millrace redrive hook --id ${id} --wait`, server), {
      code: 1,
      stdout: /0 delivered, 1 dead again/,
    })
    const [second] = await dead()
    assert.deepEqual([second?.id, second?.redrives, second?.code], [id, 1, 'http_400'])
    await assertBalanced(server)
    scene.answer = () => 200
    assert.deepEqual(await server.api.redrive('hook', { cause: { code: 'http_400' } }), {
      redriven: 1,
      ids: [id],
      skipped: [],
    })
    await eventually('it is delivered', async () =>
      (await server.api.redriveProgress('hook', [id])).delivered === 1 ? true : undefined,
    )
    assert.equal(acceptedOf(receiver).get('b-1'), 1)
    const keys = receiver.messages.filter(({ messageId }) => messageId === 'b-1').map((each) => each.idempotencyKey)
    assert.deepEqual([keys.length, new Set(keys).size], [3, 1], 'every attempt has the same key')
    await assertBalanced(server)
  }),
)

const killed =
  'a redrive survives kill -9 in its middle: nothing is lost, nothing is sent to others, and the account holds'
test(killed, { timeout: 120_000 }, () =>
  withScene(async (scene) => {
    const { server, receiver, other, apply, send, dead } = scene
    scene.answer = () => 400
    await apply()
    await send('c', 300)
    const letters = await dead()
    assert.equal(letters.length, 300)
    const others = other.messages.length
    scene.answer = () => 200
    const { redriven } = await server.api.redrive('hook', { all: true })
    assert.equal(redriven, 300)
    await eventually('some are delivered', () => (acceptedOf(receiver).size > 20 ? true : undefined), { everyMs: 2 })
    await server.crash()
    await server.restart()
    const again = await eventually('the server answers', () => server.api.redrive('hook', { all: true }))
    assert.equal(again.redriven, 0)
    await eventually('all are delivered', async () =>
      (
        await server.api.redriveProgress(
          'hook',
          letters.map(({ id }) => id),
        )
      ).delivered === 300
        ? true
        : undefined,
    )
    assert.deepEqual([...acceptedOf(receiver).keys()].toSorted(), ids('c', 300).toSorted())
    for (const id of ids('c', 300)) {
      const keys = receiver.messages.filter(({ messageId }) => messageId === id).map((each) => each.idempotencyKey)
      assert.equal(new Set(keys).size, 1, id)
    }
    assert.equal(other.messages.length, others)
    assert.deepEqual(await dead(), [])
    await assertBalanced(server)
  }),
)
