import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFakeCustomerIo, type FakeCustomerIo } from './index.ts'

const credentials = { siteId: 'site', apiKey: 'key' }
const authorization = `Basic ${Buffer.from('site:key').toString('base64')}`

interface Sent {
  status: number
  body: unknown
  headers: Headers
}

interface How {
  method?: string
  headers?: { readonly [name: string]: string }
}

async function send(fake: FakeCustomerIo, path: string, body?: unknown, how: How = {}): Promise<Sent> {
  const { method = body === undefined ? 'GET' : 'POST', headers = { authorization } } = how
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(fake.url + path, { method, headers, ...(body === undefined ? {} : { body: text }) })
  return { status: response.status, body: await response.json(), headers: response.headers }
}

const event = (id: string, name: string, rest: object = {}): object => ({
  type: 'person',
  action: 'event',
  identifiers: { id },
  name,
  ...rest,
})

test('takes one operation as an entity and answers 200 with an empty object', async () => {
  await using fake = await startFakeCustomerIo({ ...credentials, clock: () => 1_767_323_045_000 })
  const entity = { type: 'person', action: 'identify', identifiers: { id: 'u-1' }, attributes: { plan: 'pro' } }
  const { status, body } = await send(fake, '/api/v2/entity', entity)
  assert.deepEqual([status, body], [200, {}])
  assert.deepEqual(fake.person('u-1')?.attributes, { plan: 'pro' })
  assert.deepEqual(fake.requests, [
    { method: 'POST', path: '/api/v2/entity', authorization, body: entity, status: 200 },
  ])
})

test('answers 400 with reason, field and message to an entity that is wrong, and changes nothing', async () => {
  await using fake = await startFakeCustomerIo(credentials)
  const { status, body } = await send(fake, '/api/v2/entity', {
    type: 'person',
    action: 'event',
    identifiers: { id: 'a' },
  })
  assert.equal(status, 400)
  assert.deepEqual(body, { errors: [{ reason: 'required', field: 'name', message: 'name is required' }] })
  assert.deepEqual(fake.people(), [])
})

test('takes the good items of a batch in their order and lists the others with 207 and their index', async () => {
  await using fake = await startFakeCustomerIo({ ...credentials, clock: () => 5000 })
  const batch = [event('u-1', 'First'), event('u-1', ''), { type: 'robot' }, event('u-1', 'Last')]
  const { status, body } = await send(fake, '/api/v2/batch', { batch })
  assert.equal(status, 207)
  assert.deepEqual(body, {
    errors: [
      { batch_index: 1, reason: 'required', field: 'name', message: 'name is required' },
      { batch_index: 2, reason: 'invalid', field: 'type', message: 'type must be one of person, object, delivery' },
    ],
  })
  assert.deepEqual(
    fake.eventsOf('u-1').map(({ name, timestamp }) => [name, timestamp]),
    [
      ['First', 5],
      ['Last', 5],
    ],
  )
  assert.equal((await send(fake, '/api/v2/batch', { batch: [event('u-1', 'Good')] })).status, 200)
})

test('answers 400 to a body that is not JSON or holds no batch', async () => {
  await using fake = await startFakeCustomerIo(credentials)
  for (const [path, body] of [
    ['/api/v2/entity', '{'],
    ['/api/v2/batch', '{'],
    ['/api/v2/batch', { batch: [] }],
    ['/api/v2/batch', [event('u-1', 'A')]],
    ['/api/v1/metrics', '{'],
  ] as const) {
    assert.equal((await send(fake, path, body)).status, 400, `${path} ${JSON.stringify(body)}`)
  }
  assert.deepEqual(fake.people(), [])
})

test('answers 413 to an entity over 32 KiB and to a batch over 500,000 bytes, and 207 to a batch with an item over 32 KiB', async () => {
  await using fake = await startFakeCustomerIo(credentials)
  const sized = (bytes: number): string => {
    const empty = JSON.stringify(event('u-1', 'A', { attributes: { text: '' } })).length
    return JSON.stringify(event('u-1', 'A', { attributes: { text: 'x'.repeat(bytes - empty) } }))
  }
  assert.equal((await send(fake, '/api/v2/entity', sized(32 * 1024))).status, 200)
  assert.equal((await send(fake, '/api/v2/entity', sized(32 * 1024 + 1))).status, 413)
  const { status, body } = await send(fake, '/api/v2/batch', `{"batch":[${sized(32 * 1024 + 1)},${sized(32 * 1024)}]}`)
  assert.equal(status, 207)
  assert.equal((body as { errors: [{ batch_index: number; reason: string }] }).errors[0].reason, 'too_large')
  const fifteen = Array.from({ length: 15 }, () => sized(32_000)).join(',')
  const batchOf = (bytes: number): string => {
    const text = `{"batch":[${fifteen},${sized(1000)}]}`
    return text.slice(0, -1) + ' '.repeat(bytes - text.length) + '}'
  }
  assert.equal((await send(fake, '/api/v2/batch', batchOf(500_000))).status, 200)
  assert.equal((await send(fake, '/api/v2/batch', batchOf(500_001))).status, 413)
  assert.equal(fake.eventsOf('u-1').length, 1 + 1 + 16)
})

test('knows its credentials: 401 without them, and /auth says whether they are right', async () => {
  await using fake = await startFakeCustomerIo(credentials)
  const wrong = `Basic ${Buffer.from('site:other').toString('base64')}`
  for (const headers of [{}, { authorization: wrong }]) {
    assert.equal((await send(fake, '/auth', undefined, { headers })).status, 401)
    assert.equal((await send(fake, '/api/v2/entity', event('u-1', 'A'), { headers })).status, 401)
    assert.equal((await send(fake, '/api/v2/batch', { batch: [event('u-1', 'A')] }, { headers })).status, 401)
  }
  assert.equal((await send(fake, '/auth')).status, 200)
  assert.deepEqual(fake.people(), [])
  assert.equal(fake.requests.length, 7)
})

test('takes reports of metrics, without credentials too', async () => {
  await using fake = await startFakeCustomerIo(credentials)
  const metric = { delivery_id: 'd-1', metric: 'opened', timestamp: 7, recipient: 'j@mail.example', metadata: { a: 1 } }
  assert.equal((await send(fake, '/api/v1/metrics', metric, { headers: {} })).status, 200)
  assert.equal((await send(fake, '/api/v1/metrics', { ...metric, metric: 'smelled' })).status, 400)
  const details = { recipient: 'j@mail.example', metadata: { a: 1 } }
  assert.deepEqual(fake.metrics(), [{ deliveryId: 'd-1', metric: 'opened', timestamp: 7, details }])
})

test('deletes a customer by id, email address or cio_id in the path', async () => {
  await using fake = await startFakeCustomerIo(credentials)
  const identify = (identifiers: object): Promise<Sent> =>
    send(fake, '/api/v2/entity', { type: 'person', action: 'identify', identifiers })
  await identify({ id: 'a b' })
  await identify({ email: 'b@mail.example' })
  await identify({ id: 'c' })
  const paths = ['a%20b', 'B%40mail.example', `cio_${fake.person('c')?.cioId}`]
  for (const path of paths) {
    assert.equal((await send(fake, `/api/v1/customers/${path}`, undefined, { method: 'DELETE' })).status, 200)
  }
  assert.equal((await send(fake, '/api/v1/customers/%E0%A4', undefined, { method: 'DELETE' })).status, 400)
  assert.deepEqual(fake.people(), [])
})

test('answers as it is told, and takes effect all the same only when it is told so', async () => {
  await using fake = await startFakeCustomerIo({ ...credentials, failures: [{ status: 500 }] })
  fake.next(503, { 'retry-after': '1' }, { body: '{"busy":true}' })
  fake.next(502, {}, { applied: true, body: '{}' })
  fake.next(0, {}, { applied: true })
  const post = (name: string): Promise<Sent> => send(fake, '/api/v2/entity', event('u-1', name))
  await assert.rejects(post('Never'), SyntaxError)
  const { status, headers, body } = await post('Never')
  assert.deepEqual([status, headers.get('retry-after'), body], [503, '1', { busy: true }])
  assert.equal((await post('Once')).status, 502)
  await assert.rejects(post('Twice'), TypeError)
  assert.equal((await post('Again')).status, 200)
  assert.deepEqual(
    fake.eventsOf('u-1').map(({ name }) => name),
    ['Once', 'Twice', 'Again'],
  )
  assert.deepEqual(
    fake.requests.map(({ status: answered }) => answered),
    [500, 503, 502, 0, 200],
  )
})

test('answers 429 to what is over its rate, until the next span begins; scripted answers do not count', async () => {
  let now = 0
  await using fake = await startFakeCustomerIo({
    ...credentials,
    clock: () => now,
    rateLimit: { requests: 2, perMs: 1000 },
  })
  const post = async (name: string): Promise<number> => (await send(fake, '/api/v2/entity', event('u-1', name))).status
  fake.next(503, {}, { body: '{}' })
  assert.deepEqual([await post('Never'), await post('A'), await post('B'), await post('C')], [503, 200, 200, 429])
  now = 999
  assert.equal(await post('D'), 429)
  now = 1000
  assert.equal(await post('E'), 200)
  assert.deepEqual(
    fake.eventsOf('u-1').map(({ name }) => name),
    ['A', 'B', 'E'],
  )
})

test('waits for what a test expects, and says when it does not come', async () => {
  await using fake = await startFakeCustomerIo(credentials)
  const arrived = fake.waitUntil(({ eventsOf }) => eventsOf('u-1').length === 1)
  await send(fake, '/api/v2/entity', event('u-1', 'A'))
  await arrived
  await fake.waitUntil(({ people }) => people().length === 1)
  const signal = AbortSignal.abort()
  await assert.rejects(
    fake.waitUntil(() => false, signal),
    /did not hold after 1 requests/,
  )
})

test('answers 404 to a route that it does not have', async () => {
  await using fake = await startFakeCustomerIo(credentials)
  assert.equal((await send(fake, '/api/v3/entity', event('u-1', 'A'))).status, 404)
  assert.equal((await send(fake, '/api/v2/entity')).status, 404)
})
