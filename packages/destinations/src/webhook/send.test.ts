import type { DeliverContext, HttpFailure, HttpRequest, HttpResponse } from '@millrace/component-kit'
import type { Json } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { send } from './send.ts'
import type { WebhookSettings } from './settings.ts'

type Answer = HttpResponse | HttpFailure

const ok: Answer = { status: 200, headers: {}, text: 'ok' }
const bad: Answer = { status: 400, headers: {}, text: 'bad item' }
const defaults = {
  url: 'https://example.com/in',
  method: 'POST',
  batchSize: 1,
  batchFormat: 'array',
  timeoutMs: 10_000,
} as const
const payloadsOf = (...data: Json[]) =>
  data.map((each, index) => ({
    action: 'send',
    values: { data: each },
    idempotencyKey: `key-${index}`,
    messageId: `m-${index}`,
  }))
const bodyOf = (request: HttpRequest): string => {
  assert.ok(typeof request.body === 'string')
  return request.body
}

/** Delivers to a receiver that is a function of the request, and gives the outcomes and the requests it saw. */
async function deliver(
  settings: Partial<WebhookSettings>,
  payloads: ReturnType<typeof payloadsOf>,
  answer: (request: HttpRequest) => Answer = () => ok,
) {
  const requests: HttpRequest[] = []
  const context: DeliverContext<WebhookSettings> = {
    settings: { ...defaults, ...settings },
    http: {
      request: async (request) => {
        requests.push(request)
        return answer(request)
      },
    },
    signal: new AbortController().signal,
    now: () => 1_767_323_045_999,
    destinationId: 'hook',
    dataDirectory: '/nowhere',
  }
  return { outcomes: await send.deliver(context, payloads), requests }
}

test('one message a request: the body is the data, the id is its key', async () => {
  const { outcomes, requests } = await deliver({ method: 'PUT', headers: { 'X-A': '1' }, authorization: 'Bearer t' }, [
    ...payloadsOf({ a: 'ü' }),
  ])
  assert.deepEqual(outcomes, [{ status: 'delivered' }])
  const [request] = requests
  assert.ok(request && requests.length === 1)
  const { signal: _signal, ...rest } = request
  assert.deepEqual(rest, {
    method: 'PUT',
    url: 'https://example.com/in',
    headers: {
      'content-type': 'application/json',
      'x-a': '1',
      authorization: 'Bearer t',
      'webhook-id': 'key-0',
      'webhook-timestamp': '1767323045',
      'idempotency-key': 'key-0',
    },
    body: '{"a":"ü"}',
  })
})

test('a batch is one list in order, even when it holds one item', async () => {
  const three = await deliver({ batchSize: 50 }, payloadsOf({ n: 0 }, 'x', null))
  assert.deepEqual(three.requests.map(bodyOf), ['[{"n":0},"x",null]'])
  assert.equal(three.outcomes.length, 3)
  const one = await deliver({ batchSize: 50 }, payloadsOf({ n: 0 }))
  assert.deepEqual(one.requests.map(bodyOf), ['[{"n":0}]'])
  assert.equal(one.requests[0]?.headers?.['webhook-id'], 'key-0')
})

test('the id of a batch depends on its composition alone', async () => {
  const idOf = async (count: number): Promise<string> => {
    const { requests } = await deliver({ batchSize: 50 }, payloadsOf(...Array.from({ length: count }, () => ({}))))
    const id = requests[0]?.headers?.['webhook-id']
    assert.ok(id !== undefined)
    assert.equal(requests[0]?.headers?.['idempotency-key'], id)
    return id
  }
  assert.equal(await idOf(3), await idOf(3))
  assert.notEqual(await idOf(3), await idOf(2))
  assert.match(await idOf(3), /^[\w-]{43}$/)
})

test('the envelope gives each item its key', async () => {
  const { requests } = await deliver({ batchSize: 2, batchFormat: 'envelope' }, payloadsOf({ a: 1 }, { a: 2 }))
  assert.deepEqual(
    requests.map(bodyOf).map((text): unknown => JSON.parse(text)),
    [
      [
        { idempotencyKey: 'key-0', messageId: 'm-0', data: { a: 1 } },
        { idempotencyKey: 'key-1', messageId: 'm-1', data: { a: 2 } },
      ],
    ],
  )
})

test('the signature is over id, timestamp and the whole body', async () => {
  const key = Buffer.alloc(32, 5)
  const { requests } = await deliver(
    { batchSize: 9, signingSecret: `whsec_${key.toString('base64')}` },
    payloadsOf({ a: 'é' }, { a: 2 }),
  )
  const [{ headers = {} } = { headers: {} }] = requests
  const signed = `${headers['webhook-id']}.1767323045.[{"a":"é"},{"a":2}]`
  assert.equal(headers['webhook-signature'], `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
})

test('the status counts for all items of the request', async () => {
  const answers: [Answer, string][] = [
    [{ status: 204, headers: {}, text: '' }, 'delivered'],
    [{ status: 503, headers: {}, text: '' }, 'retry'],
    [{ status: 429, headers: { 'retry-after': '3' }, text: '' }, 'retry'],
    [{ status: 401, headers: {}, text: '' }, 'unauthorized'],
    [{ status: 404, headers: {}, text: '' }, 'rejected'],
    [{ failure: 'network', code: 'ECONNRESET', message: 'reset' }, 'retry'],
    [{ failure: 'timeout', code: 'REQUEST_TIMEOUT', message: 'slow' }, 'retry'],
  ]
  for (const [answer, status] of answers) {
    const { outcomes, requests } = await deliver({ batchSize: 5 }, payloadsOf(1, 2, 3), () => answer)
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      [status, status, status],
    )
    assert.equal(requests.length, 1, 'no bisecting')
  }
})

test('bad items are found by halving: all others are delivered once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 64 }), async (good) => {
      const delivered: Json[] = []
      const answer = (request: HttpRequest): Answer => {
        const items: { n: number; good: boolean }[] = JSON.parse(bodyOf(request))
        if (items.some((item) => !item.good)) return bad
        delivered.push(...items.map((item) => item.n))
        return ok
      }
      const items = good.map((each, n) => ({ n, good: each }))
      const { outcomes, requests } = await deliver({ batchSize: 64 }, payloadsOf(...items), answer)
      assert.deepEqual(
        outcomes.map((outcome) => outcome.status === 'delivered'),
        good,
      )
      assert.deepEqual(
        delivered,
        items.filter((item) => item.good).map((item) => item.n),
      )
      const badItems = good.filter((each) => !each).length
      const depth = Math.ceil(Math.log2(good.length))
      assert.ok(
        requests.length <= Math.min(2 * good.length - 1, 1 + 2 * badItems * depth),
        `${requests.length} requests`,
      )
    }),
  )
})

test('halving stops when the receiver goes down: what is left is sent again later', async () => {
  let calls = 0
  const down: Answer = { status: 503, headers: {}, text: '' }
  const { outcomes, requests } = await deliver({ batchSize: 8 }, payloadsOf(0, 1, 2, 3, 4, 5, 6, 7), () => {
    calls++
    return calls === 1 ? bad : calls === 2 ? ok : down
  })
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    [...Array(4).fill('delivered'), ...Array(4).fill('retry')],
  )
  assert.equal(requests.length, 3)
  const stopped = await deliver({ batchSize: 8 }, payloadsOf(0, 1, 2, 3), () => (calls++ === 3 ? bad : down))
  assert.deepEqual(
    stopped.outcomes.map((outcome) => outcome.status),
    Array(4).fill('retry'),
  )
  assert.equal(stopped.requests.length, 2)
})

test('settings that cannot be used send nothing and kill no message', async () => {
  const faulty: Partial<WebhookSettings>[] = [
    { signingSecret: 'whsec_short' },
    { headers: { 'x-a': 1 } },
    { headers: { 'Webhook-Id': 'mine' } },
    { headers: { Host: 'other.example' } },
    { headers: { 'x a': '1' } },
    { headers: { 'x-a': '日本' } },
    { authorization: 'Bearer a\r\nx: y' },
  ]
  for (const settings of faulty) {
    const { outcomes, requests } = await deliver({ batchSize: 5, ...settings }, payloadsOf(1, 2))
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ['unauthorized', 'unauthorized'],
    )
    assert.equal(requests.length, 0)
  }
})
