import { standardEventOf } from '@millrace/protocol'
import type { JsonObject } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleMessage } from './example-message.ts'
import customerio from './index.ts'
import { actionsFor, bodyOf, contextOf, deliverMessages, payloadOf } from './testing/deliver-messages.ts'
import { specialEvents } from './triggers.ts'

/** Base64 of `site:key`. */
const authorization = 'Basic c2l0ZTprZXk='

const signedUp = exampleMessage({ type: 'track', event: 'Signed Up', properties: { plan: 'pro' } })
const signedUpEntity = {
  type: 'person',
  action: 'event',
  name: 'Signed Up',
  id: 'm-1',
  attributes: { plan: 'pro', anonymous_id: 'anon-1' },
  timestamp: 1_767_323_045,
  identifiers: { id: 'u-1' },
}

/** Messages without the people or texts that their action asks for, and the start of what is said about them. */
const invalid: [JsonObject, RegExp][] = [
  [{ type: 'page', properties: {} }, /^url is required/],
  [{ type: 'screen' }, /^name is required/],
  [{ type: 'track', event: 'User Deleted', userId: null }, /^personId is required/],
  [{ type: 'track', event: 'Application Opened' }, /^deviceId is required.*platform is required/],
  [{ type: 'track', event: 'Relationship Deleted', properties: {} }, /^objectId is required/],
  [{ type: 'alias' }, /^secondary is required/],
  [
    { type: 'track', event: 'Report Delivery Event', properties: { metric: 'open' } },
    /^deliveryId is required.*metric must be one of/,
  ],
  [{ type: 'track', event: 'Report Content Event', properties: {} }, /^actionType is required/],
]

/** Every example of every action that shares batches, with its request. */
const examples = Object.values(customerio.actions)
  .filter(({ title }) => title !== 'Report Delivery Event')
  .flatMap((action) => action.examples)

test('one operation goes to the entity route, with the credentials as Basic', async () => {
  const { requests, outcomes } = await deliverMessages([signedUp])
  assert.deepEqual(outcomes, [{ status: 'delivered' }])
  const { signal: _signal, body: _body, ...rest } = requests[0] ?? {}
  assert.deepEqual(rest, {
    method: 'POST',
    url: 'https://track.customer.io/api/v2/entity',
    headers: { authorization, 'content-type': 'application/json' },
  })
  assert.deepEqual(requests.map(bodyOf), [signedUpEntity])
})

test('several operations go to the batch route, here of the European region', async () => {
  const { requests, outcomes } = await deliverMessages([signedUp, { ...signedUp, userId: null }], undefined, {
    accountRegion: 'EU',
  })
  assert.deepEqual(outcomes, [{ status: 'delivered' }, { status: 'delivered' }])
  const { signal: _signal, body: _body, ...rest } = requests[0] ?? {}
  assert.deepEqual(rest, {
    method: 'POST',
    url: 'https://track-eu.customer.io/api/v2/batch',
    headers: { authorization, 'content-type': 'application/json' },
  })
  const anonymous = { ...signedUpEntity, attributes: { plan: 'pro' }, identifiers: { anonymous_id: 'anon-1' } }
  assert.deepEqual(requests.map(bodyOf), [{ batch: [signedUpEntity, anonymous] }])
})

test('operations of every kind share one batch, in the order of the messages', async () => {
  const { requests, outcomes } = await deliverMessages(examples.map(({ message }) => message))
  assert.equal(requests.length, 1)
  assert.deepEqual(bodyOf(requests[0]), { batch: examples.flatMap(({ requests: [request] }) => request) })
  assert.equal(outcomes.length, examples.length)
  assert.equal(new Set(examples.flatMap(({ message }) => actionsFor(message))).size, 14)
})

test('a delivery report goes to the metrics route, one for each request, between the batches', async () => {
  const report = customerio.actions['reportDeliveryEvent']?.examples[0]
  assert.ok(report)
  const { requests } = await deliverMessages([signedUp, report.message, report.message, signedUp])
  assert.deepEqual(
    requests.map(({ method, url }) => `${method} ${url}`),
    ['entity', 'metrics', 'metrics', 'entity'].map(
      (route) => `POST https://track.customer.io/api/${route === 'metrics' ? 'v1' : 'v2'}/${route}`,
    ),
  )
  assert.deepEqual(bodyOf(requests[1]), report.requests[0])
  assert.deepEqual(requests[1]?.headers, { authorization, 'content-type': 'application/json' })
})

test('a delivery report without a usable time says when it is sent', async () => {
  const properties = { deliveryId: 'd-1', metric: 'bounced', reason: 'full' }
  const report = exampleMessage({ type: 'track', event: 'Report Delivery Event', properties })
  for (const [timestamp, seconds] of [
    [null, 1_767_400_000],
    ['soon', 1_767_400_000],
    ['1767323045', 1_767_323_045],
  ] as const) {
    const { requests } = await deliverMessages([{ ...report, timestamp }])
    assert.deepEqual(bodyOf(requests[0]), {
      delivery_id: 'd-1',
      metric: 'bounced',
      reason: 'full',
      timestamp: seconds,
    })
  }
})

test('the endpoint takes the place of the host, for all routes', async () => {
  const report = customerio.actions['reportDeliveryEvent']?.examples[0]?.message
  assert.ok(report)
  const { requests } = await deliverMessages([signedUp, report], undefined, {
    accountRegion: 'EU',
    endpoint: 'http://proxy.example/cio/',
  })
  assert.deepEqual(
    requests.map(({ url }) => url),
    ['http://proxy.example/cio/api/v2/entity', 'http://proxy.example/cio/api/v1/metrics'],
  )
})

test('each message has one action at most; a track message has exactly one', () => {
  const events = Object.values(specialEvents).flat()
  assert.equal(new Set(events).size, 14)
  for (const event of events) {
    const [action, ...others] = actionsFor({ type: 'track', event })
    assert.ok(action !== undefined && action !== 'trackEvent' && others.length === 0, event)
    // Of the standard events every spelling counts, of Customer.io's own one alone.
    const other = standardEventOf(event) === undefined ? 'trackEvent' : action
    assert.deepEqual(actionsFor({ type: 'track', event: event.toLowerCase().replaceAll(' ', '_') }), [other])
  }
  const calls = { identify: 'createUpdatePerson', page: 'trackPageView', screen: 'trackScreenView' }
  for (const [type, action] of Object.entries({ ...calls, group: 'createUpdateObject', alias: 'mergePeople' })) {
    assert.deepEqual(actionsFor({ type }), [action])
    assert.deepEqual(actionsFor({ type, event: 'User Deleted' }), [action], 'the name of an event is for track alone')
  }
})

test('a standard event is sent by its standard names, another one as it is', async () => {
  const messages = ['completed_order', 'Tea Brewed'].map((event) =>
    exampleMessage({ type: 'track', event, properties: { orderId: 7, total: '12.5', own: 1 } }),
  )
  const { requests } = await deliverMessages(messages)
  const { batch } = bodyOf(requests[0]) as unknown as { batch: { name: string; attributes: object }[] }
  const shared = { own: 1, anonymous_id: 'anon-1' }
  assert.deepEqual(
    batch.map(({ name, attributes }) => [name, attributes]),
    [
      ['Order Completed', { order_id: '7', total: 12.5, ...shared }],
      ['Tea Brewed', { orderId: 7, total: '12.5', ...shared }],
    ],
  )
})

test('the other names of two events mean the same', async () => {
  const removal = exampleMessage({ type: 'track', event: 'Delete Person' })
  const object = exampleMessage({
    type: 'track',
    event: 'Group Deleted',
    properties: { objectId: 'g-1', objectTypeId: 3 },
  })
  const { requests } = await deliverMessages([removal, object])
  assert.deepEqual(bodyOf(requests[0]), {
    batch: [
      { type: 'person', action: 'delete', identifiers: { id: 'u-1' } },
      { type: 'object', action: 'delete', identifiers: { object_id: 'g-1', object_type_id: '3' } },
    ],
  })
})

test('what an action requires is checked before anything is sent', () => {
  for (const [content, expected] of invalid) {
    const made = payloadOf(exampleMessage(content))
    assert.ok('problem' in made, JSON.stringify(content))
    assert.match(made.problem, expected)
  }
})

test('a person without an id is known by the e-mail address, else by the anonymous id', async () => {
  const identify = exampleMessage({ type: 'identify', userId: null, traits: { email: 'jane@example.com' } })
  const { requests } = await deliverMessages([identify, { ...identify, traits: { plan: 'pro' } }])
  assert.deepEqual(bodyOf(requests[0]), {
    batch: [
      {
        type: 'person',
        action: 'identify',
        identifiers: { email: 'jane@example.com' },
        timestamp: 1_767_323_045,
        attributes: { email: 'jane@example.com', anonymous_id: 'anon-1' },
      },
      {
        type: 'person',
        action: 'identify',
        identifiers: { anonymous_id: 'anon-1' },
        timestamp: 1_767_323_045,
        attributes: { plan: 'pro' },
      },
    ],
  })
})

test('an object of nobody is made without a relationship', async () => {
  const group = exampleMessage({ type: 'group', groupId: 'g-1', userId: null, anonymousId: null, traits: {} })
  const { requests } = await deliverMessages([group])
  assert.deepEqual(bodyOf(requests[0]), {
    type: 'object',
    action: 'identify',
    identifiers: { object_id: 'g-1', object_type_id: '1' },
  })
})

test('with times left as they are, only those that are not attributes become seconds', async () => {
  const { action, payload } = payloadOf(
    exampleMessage({
      type: 'group',
      groupId: 'g-1',
      traits: { createdAt: '2025-05-01', objectAttributes: { since: '2025-05-01' } },
    }),
  ) as Extract<ReturnType<typeof payloadOf>, { action: unknown }>
  const bodies: JsonObject[] = []
  const http = {
    request: async (request: Parameters<typeof bodyOf>[0]) => {
      bodies.push(bodyOf(request))
      return { status: 200, headers: {}, text: '{}' }
    },
  }
  for (const convertTimestamp of [true, false]) {
    await action.deliver(contextOf(http), [{ ...payload, values: { ...payload.values, convertTimestamp } }])
  }
  assert.deepEqual(
    bodies.map(({ created_at: createdAt, attributes }) => ({ createdAt, attributes })),
    [
      { createdAt: 1_746_057_600, attributes: { since: 1_746_057_600, anonymous_id: 'anon-1' } },
      { createdAt: '2025-05-01', attributes: { since: '2025-05-01', anonymous_id: 'anon-1' } },
    ],
  )
})

test('the check asks for the credentials at the host of the region and changes nothing', async () => {
  const seen: unknown[] = []
  const http = (status: number) => ({
    request: async ({ signal: _signal, ...request }: { signal?: AbortSignal }) => {
      seen.push(request)
      return { status, headers: { location: 'https://track-eu.customer.io/auth' }, text: '' }
    },
  })
  const statusOf = async (status: number, settings?: JsonObject) =>
    (await customerio.check?.(contextOf(http(status), settings)))?.status
  assert.equal(await statusOf(200, { accountRegion: 'EU' }), 'delivered')
  assert.deepEqual(seen, [{ method: 'GET', url: 'https://track-eu.customer.io/auth', headers: { authorization } }])
  assert.equal(await statusOf(401), 'unauthorized')
  assert.equal(await statusOf(307), 'unauthorized')
  assert.equal(await statusOf(503), 'retry')
  assert.equal(await statusOf(200, { siteId: 'a:b' }), 'unauthorized')
  assert.equal(seen.length, 4)
})
