import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeServer, runCli } from '../testing/fake-server.ts'

const last = {
  at: '2026-03-02T09:31:38.820Z',
  messageId: 'm-7',
  reason: 'properties.total is the string "5". Send a number.',
}
const violations = [
  { source: 'web', event: 'Order Completed', property: 'total', kind: 'type', messages: 12, firstAt: last.at, last },
  {
    source: 'web',
    event: 'Cart Viewed',
    property: 'products[].price',
    kind: 'type',
    messages: 3,
    firstAt: last.at,
    last,
  },
]

test('violations shows each property with how often, and an example', async (context) => {
  const server = await fakeServer(context, { 'GET /api/violations': { body: { violations } } })
  const { exitCode, stdout } = await runCli(['violations', '--source', 'web', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.equal(server.seen[0]?.url, '/api/violations?source=web')
  const lines = stdout.trimEnd().split('\n')
  assert.match(
    lines.find((line) => line.includes('Order Completed')) ?? '',
    /web +Order Completed +total +12 .* m-7 +properties\.total is/,
  )
  assert.ok(lines.some((line) => /Cart Viewed +products\[\]\.price +3 /.test(line)))
})

test('violations of one event, as JSON, and of none', async (context) => {
  const server = await fakeServer(context, { 'GET /api/violations': { body: { violations } } })
  const args = ['violations', '--data', server.data, '--event']
  const { stdout } = await runCli([...args, 'Cart Viewed', '--json'])
  assert.deepEqual(JSON.parse(stdout), { violations: [violations[1]] })
  assert.match((await runCli([...args, 'Signed Up'])).stdout, /^No violation/)
})
