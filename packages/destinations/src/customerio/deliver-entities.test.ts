import type { HttpRequest, HttpResponse, Outcome } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { exampleMessage } from './example-message.ts'
import { bodyOf, deliverMessages } from './testing/deliver-messages.ts'

const event = (name: string, content: JsonObject = {}): JsonObject =>
  exampleMessage({ type: 'track', event: name, messageId: name, ...content })
const events = (count: number): JsonObject[] => Array.from({ length: count }, (_, index) => event(`e${index}`))

const answer = (status: number, body: unknown = '', headers: HttpResponse['headers'] = {}): HttpResponse => ({
  status,
  headers,
  text: typeof body === 'string' ? body : JSON.stringify(body),
})

/** The operations of a request, alone or as a batch. */
function operationsOf(request: HttpRequest): JsonObject[] {
  const body = bodyOf(request)
  return 'batch' in body ? (body['batch'] as JsonObject[]) : [body]
}
const namesOf = (request: HttpRequest): unknown[] => operationsOf(request).map((each) => each['name'])
const statuses = (outcomes: readonly Outcome[]): string[] => outcomes.map(({ status }) => status)

test('of a 207 the listed items are rejected with what is said about them, the others are delivered', async () => {
  const errors = [
    { batch_index: 1, reason: 'invalid', field: 'attributes.age', message: 'must be a number' },
    { batch_index: 3, reason: 'required', field: 'name', message: 'name is required' },
    { batch_index: 3, reason: 'too_long' },
    { batch_index: 4 },
  ]
  const { outcomes, requests } = await deliverMessages(events(5), () => answer(207, { errors }))
  assert.deepEqual(outcomes, [
    { status: 'delivered' },
    {
      status: 'rejected',
      code: 'http_207',
      message: 'Customer.io refused the operation: invalid at "attributes.age": must be a number',
    },
    { status: 'delivered' },
    {
      status: 'rejected',
      code: 'http_207',
      message: 'Customer.io refused the operation: required at "name": name is required; too_long',
    },
    { status: 'rejected', code: 'http_207', message: 'Customer.io refused the operation: no reason given' },
  ])
  assert.equal(requests.length, 1)
})

test('a 207 about a single operation rejects it, whatever index it names', async () => {
  for (const error of [{ batch_index: 0 }, { batch_index: 7 }, { reason: 'invalid' }]) {
    const { outcomes } = await deliverMessages(events(1), () => answer(207, { errors: [error] }))
    assert.deepEqual(statuses(outcomes), ['rejected'])
  }
})

test('a 207 that lists nothing rejects nothing', async () => {
  for (const body of [{}, { errors: [] }]) {
    const { outcomes } = await deliverMessages(events(2), () => answer(207, body))
    assert.deepEqual(statuses(outcomes), ['delivered', 'delivered'])
  }
})

test('a 207 that cannot be read leaves all operations to be sent again', async () => {
  for (const body of ['', '{"errors":[{"batch_in', '[]', 'null', { errors: {} }, { errors: [null] }]) {
    const { outcomes, requests } = await deliverMessages(events(3), () => answer(207, body))
    assert.deepEqual(statuses(outcomes), ['retry', 'retry', 'retry'], JSON.stringify(body))
    assert.equal(requests.length, 1)
  }
})

test('a 207 that blames an item nobody sent is asked again by halves, until it is clear whom it means', async () => {
  for (const index of [4, -1, 0.5, '0', null]) {
    const { outcomes, requests } = await deliverMessages(events(4), (request) =>
      namesOf(request).includes('e2') ? answer(207, { errors: [{ batch_index: index }] }) : answer(200, {}),
    )
    assert.deepEqual(statuses(outcomes), ['delivered', 'delivered', 'rejected', 'delivered'])
    assert.equal(requests.length, 5)
  }
})

test('a batch that is refused as a whole is halved: the bad operation alone is rejected', async () => {
  for (const status of [400, 413]) {
    const { outcomes, requests } = await deliverMessages(events(4), (request) =>
      namesOf(request).includes('e1') ? answer(status, { meta: { error: 'malformed' } }) : answer(200, {}),
    )
    assert.deepEqual(statuses(outcomes), ['delivered', 'rejected', 'delivered', 'delivered'])
    assert.match(JSON.stringify(outcomes[1]), /malformed/)
    assert.deepEqual(requests.map(namesOf), [['e0', 'e1', 'e2', 'e3'], ['e0', 'e1'], ['e0'], ['e1'], ['e2', 'e3']])
    assert.match(requests[2]?.url ?? '', /\/entity$/)
  }
})

test('every other status counts for all operations of the request', async () => {
  const cases: [HttpResponse, Outcome['status']][] = [
    [answer(200, {}), 'delivered'],
    [answer(401), 'unauthorized'],
    [answer(403), 'unauthorized'],
    [answer(404), 'rejected'],
    [answer(408), 'retry'],
    [answer(500), 'retry'],
    [answer(501), 'rejected'],
    [answer(502), 'retry'],
    [answer(503), 'retry'],
  ]
  for (const [given, status] of cases) {
    const { outcomes, requests } = await deliverMessages(events(3), () => given)
    assert.deepEqual(statuses(outcomes), [status, status, status], String(given.status))
    assert.equal(requests.length, 1)
  }
  const busy = await deliverMessages(events(1), () => answer(429, '', { 'retry-after': '7' }))
  assert.deepEqual(busy.outcomes[0], {
    status: 'retry',
    code: 'http_429',
    message: 'The receiver answered 429',
    afterMs: 7_000,
  })
  const silent = await deliverMessages(events(2), () => ({ failure: 'timeout', code: 'T', message: 'slow' }))
  assert.deepEqual(statuses(silent.outcomes), ['retry', 'retry'])
})

test('a redirect is a wrong region: the messages wait for the settings', async () => {
  const location = 'https://track-eu.customer.io/api/v2/batch'
  const { outcomes } = await deliverMessages(events(2), () => answer(307, '', { location }))
  assert.deepEqual(statuses(outcomes), ['unauthorized', 'unauthorized'])
  assert.match(JSON.stringify(outcomes[0]), /track-eu\.customer\.io.*choose the region/)
})

test('settings that cannot be used send nothing and kill no message', async () => {
  for (const settings of [{ endpoint: 'proxy.example' }, { endpoint: 'https://' }, { siteId: 'a:b' }]) {
    const { outcomes, requests } = await deliverMessages(events(2), undefined, settings)
    assert.deepEqual(statuses(outcomes), ['unauthorized', 'unauthorized'])
    assert.equal(requests.length, 0)
  }
})

test('an operation about nobody is rejected without being sent, and its neighbours keep their outcomes', async () => {
  const nobody = { userId: null, anonymousId: null }
  const deletion = exampleMessage({ type: 'track', event: 'Object Deleted', properties: {} })
  const empty = exampleMessage({
    type: 'track',
    event: 'Relationship Deleted',
    userId: '',
    properties: { objectId: 'g' },
  })
  const merge = exampleMessage({ type: 'alias', previousId: '' })
  const { outcomes, requests } = await deliverMessages(
    [event('a', nobody), event('b'), deletion, empty, merge, event('c')],
    () => answer(207, { errors: [{ batch_index: 1, reason: 'invalid' }] }),
  )
  assert.deepEqual(requests.map(namesOf), [['b', 'c']])
  assert.deepEqual(
    outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome.status)),
    ['no_identifier', 'delivered', 'no_identifier', 'no_identifier', 'no_identifier', 'http_207'],
  )
  const none = await deliverMessages([event('a', nobody)])
  assert.equal(none.requests.length, 0)
})

/** An event whose operation has so many bytes, written with characters of three bytes each. */
function eventOfBytes(name: string, bytes: number): JsonObject {
  const overhead = Buffer.byteLength(JSON.stringify({ n: '' })) - 2
  const entity = {
    type: 'person',
    action: 'event',
    identifiers: { id: 'u-1' },
    name,
    id: name,
    timestamp: 1_767_323_045,
    attributes: { anonymous_id: 'anon-1' },
  }
  const rest = bytes - Buffer.byteLength(JSON.stringify(entity)) - overhead - 1
  return event(name, { properties: { n: '日'.repeat(Math.floor(rest / 3)) + 'a'.repeat(rest % 3) } })
}

test('an operation of 32 KiB is sent, one with a byte more is rejected, counted in UTF-8', async () => {
  const { outcomes, requests } = await deliverMessages([
    eventOfBytes('fits', 32 * 1024),
    eventOfBytes('over', 32 * 1024 + 1),
  ])
  assert.deepEqual(requests.map(namesOf), [['fits']])
  assert.equal(Buffer.byteLength(requests[0]?.body ?? ''), 32 * 1024)
  assert.deepEqual(outcomes[0], { status: 'delivered' })
  assert.deepEqual(outcomes[1], {
    status: 'rejected',
    code: 'operation_too_large',
    message: 'The operation has 32769 bytes, and Customer.io takes at most 32768: map fewer or shorter attributes.',
  })
})

test('a body has at most 500,000 bytes, and no request is smaller than it needs to be', async () => {
  const size = fc.integer({ min: 300, max: 32 * 1024 })
  await fc.assert(
    fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 50 }), async (sizes) => {
      const messages = sizes.map((bytes, index) => eventOfBytes(`e${index}`, bytes))
      const { outcomes, requests } = await deliverMessages(messages)
      assert.ok(outcomes.every(({ status }) => status === 'delivered'))
      assert.deepEqual(
        requests.flatMap(namesOf),
        messages.map((message) => message['event']),
      )
      for (const [index, request] of requests.entries()) {
        assert.ok(Buffer.byteLength(request.body ?? '') <= 500_000)
        const next = requests[index + 1]
        if (next === undefined) continue
        const joined = JSON.stringify({ batch: [...operationsOf(request), operationsOf(next)[0]] })
        assert.ok(Buffer.byteLength(joined) > 500_000, 'the next operation had no room')
      }
    }),
    { numRuns: 20 },
  )
})

test('after a batch that has to wait the later ones are not sent: nothing is overtaken', async () => {
  const messages = Array.from({ length: 40 }, (_, index) => eventOfBytes(`e${index}`, 30_000))
  let calls = 0
  const { outcomes, requests } = await deliverMessages(messages, () => answer(++calls === 2 ? 503 : 200))
  assert.equal(requests.length, 2)
  const first = requests[0] === undefined ? 0 : operationsOf(requests[0]).length
  assert.deepEqual(
    statuses(outcomes),
    messages.map((_, index) => (index < first ? 'delivered' : 'retry')),
  )
})
