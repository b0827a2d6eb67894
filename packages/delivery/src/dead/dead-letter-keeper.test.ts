import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineAction, defineDestination, outcomeOf } from '@millrace/component-kit'
import type { HttpClient, HttpRequest } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import { systemClock } from '../clock.ts'
import { consumerOf, deliveryState } from '../delivery-state.ts'
import { DestinationRunner } from '../destination-runner.ts'
import { DyingStore } from '../testing/dying-store.ts'
import { configOf } from '../testing/fake-destination.ts'
import { opened, rowsOf } from '../testing/start-runner.ts'
import type { Scene } from '../testing/scene.ts'
import { CopyBudget } from './copy-budget.ts'
import { keptCopies, readDeadLetter } from './copy-store.ts'

const settings = {
  key: { type: 'secret', label: 'Key', description: 'The key.', example: 'abcdefgh', required: true },
} as const

/** Sends its batch in one request, then each item that was refused alone. */
const destination = defineDestination({
  slug: 'fake',
  name: 'Fake',
  description: 'For tests.',
  settings,
  actions: {
    send: defineAction({
      title: 'Send',
      description: 'Send.',
      trigger: 'type = "track"',
      settings,
      batch: { maxMessages: 2 },
      fields: { id: { type: 'string', label: 'Id', description: 'The id.', example: 'a', required: true } },
      async deliver({ http, settings: { key } }, payloads) {
        const ids = payloads.map(({ values }) => values.id)
        const request = (body: string, items?: number[]): HttpRequest => ({
          method: 'POST',
          url: 'https://example.com/',
          headers: { key },
          body,
          ...(items && { items }),
        })
        if (outcomeOf(await http.request(request(ids.join()))).status === 'delivered') {
          return payloads.map(() => ({ status: 'delivered' }))
        }
        return Promise.all(ids.map(async (id, at) => outcomeOf(await http.request(request(id, [at])))))
      },
      examples: [],
    }),
  },
})

/** Refuses what is called m1 or m3. */
const http: HttpClient = {
  request: async ({ body }) =>
    /m[13]/.test(String(body))
      ? { status: 400, headers: {}, text: `refused: ${String(body)}` }
      : { status: 200, headers: {}, text: '' },
}

const run = async (
  scene: Scene,
  options: { state?: Scene['state']; copies?: CopyBudget; fields?: JsonObject } = {},
) => {
  const feed = scene.newFeed()
  const fields = options.fields ?? { id: { '@path': '$.messageId' } }
  const config = configOf({
    settings: { key: 's3cret' },
    actions: [{ name: 'send', action: 'send', trigger: 'type = "track"', fields }],
  })
  const runner = new DestinationRunner({
    config,
    destination,
    workspaceVersion: 1,
    feed,
    state: options.state ?? scene.state,
    cursor: (await scene.state.cursor(consumerOf('hook'))) ?? config.start,
    http: () => http,
    ...(options.copies && { copies: options.copies }),
    dataDirectory: '/nowhere',
    clock: systemClock,
    random: () => 0,
    warn: (message) => scene.warnings.push(message),
  })
  runner.start()
  for (let turn = 0; (await scene.state.cursor(consumerOf('hook')))?.block !== 1 && turn < 500; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    if (scene.warnings.length > 0 && options.state !== undefined) break
  }
  await runner.stop()
  feed.close()
}
const letterOf = (scene: Scene, index: number) => readDeadLetter(scene.state, 'hook', { block: 0, index }, 'send')

test('what dies is kept with its message, the last request that held it, and the answer; what is delivered is not', async () => {
  const scene = await opened(rowsOf(4))
  await run(scene)
  const letter = await letterOf(scene, 1)
  assert.equal(letter?.code, 'http_400')
  assert.equal(letter.copy?.message['messageId'], 'm1')
  assert.deepEqual(letter.copy.request, {
    method: 'POST',
    url: 'https://example.com/',
    headers: { key: '••••••••' },
    body: { text: 'm1', bytes: 2 },
    batchOf: 1,
  })
  assert.deepEqual(letter.copy.response, { status: 400, headers: {}, body: { text: 'refused: m1', bytes: 11 } })
  const copies = await scene.state.scan(deliveryState.deadCopies)
  assert.deepEqual(
    copies.map(({ key }) => key),
    [
      ['hook', 0, 1, 'send'],
      ['hook', 0, 3, 'send'],
    ],
  )
  const bytes = copies.reduce((sum, { value }) => sum + value.length, 0)
  assert.deepEqual(await keptCopies(scene.state, 'hook'), { copies: 2, bytes })
  assert.deepEqual(await scene.problems(), [])
})

test('a mapping that fails leaves a copy of the message alone', async () => {
  const scene = await opened(rowsOf(1))
  await run(scene, { fields: {} })
  const letter = await letterOf(scene, 0)
  assert.equal(letter?.reason, 'invalid')
  assert.deepEqual(Object.keys(letter.copy ?? {}), ['message'])
})

test('above the bound letters are kept without copies, and a warning says so', async () => {
  const scene = await opened(rowsOf(4))
  const limits = { maxAgeMs: 0, maxCopies: 1, maxBytes: 1_000_000 }
  const copies = new CopyBudget(
    { copies: 0, bytes: 0 },
    () => limits,
    (problem) => scene.warnings.push(problem),
  )
  await run(scene, { copies })
  const letters = await Promise.all([letterOf(scene, 1), letterOf(scene, 3)])
  assert.ok(letters.every((letter) => letter?.code === 'http_400'))
  assert.equal(letters.filter((letter) => letter?.copy !== undefined).length, 1)
  assert.equal(scene.warnings.length, 1)
  assert.deepEqual(await scene.problems(), [])
})

test('dying before the commit leaves neither letter nor copy, and the next run writes both', async () => {
  const scene = await opened(rowsOf(4))
  await run(scene, { state: new DyingStore(scene.state, 0) as unknown as Scene['state'] })
  assert.deepEqual(await keptCopies(scene.state, 'hook'), { copies: 0, bytes: 0 })
  assert.equal(await letterOf(scene, 1), undefined)
  await run(scene)
  assert.equal((await keptCopies(scene.state, 'hook')).copies, 2)
  assert.equal((await letterOf(scene, 1))?.copy?.message['messageId'], 'm1')
})
