import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '@millrace/protocol'
import type { RedriveRequest } from '../dependencies.ts'
import { startControlServer } from '../../testing/test-control-server.ts'

const path = '/api/destinations/hook/redrive'

test('redrive passes on ids, a cause or all, and where to go on', async () => {
  const asked: RedriveRequest[] = []
  await using server = await startControlServer({
    redrive: async (request) => {
      asked.push(request)
      return { redriven: 1, ids: ['0:1:send'], skipped: [{ id: '0:2:send', why: 'no' }], next: '1@0:2:send' }
    },
  })
  const { status, json } = await server.send('POST', path, { body: { ids: ['0:1:send', '0:2:send'] } })
  assert.equal(status, 200)
  assert.deepEqual(json, {
    redriven: 1,
    ids: ['0:1:send'],
    skipped: [{ id: '0:2:send', why: 'no' }],
    next: '1@0:2:send',
  })
  await server.send('POST', path, { body: { cause: { code: 'http_400' } } })
  await server.send('POST', path, { body: { all: true, next: '1@0:2:send' } })
  assert.deepEqual(asked, [
    { destinationId: 'hook', letters: ['0:1:send', '0:2:send'] },
    { destinationId: 'hook', letters: { code: 'http_400' } },
    { destinationId: 'hook', letters: {}, next: '1@0:2:send' },
  ])
})

test('redrive refuses what does not say which letters, and nothing is sent', async () => {
  await using server = await startControlServer({ redrive: async () => assert.fail('must not be asked') })
  const many = Array.from({ length: 1001 }, (_, index) => `0:${index}:send`)
  const bodies: Json[] = [
    {},
    { all: false },
    { ids: ['0:1:send'], all: true },
    { cause: {} },
    { cause: { colour: 'red' } },
    { cause: { code: 400 } },
    { ids: many },
  ]
  for (const body of bodies) {
    assert.equal((await server.send('POST', path, { body })).status, 400, JSON.stringify(body))
  }
  assert.equal((await server.send('POST', `${path}/progress`, { body: { ids: many } })).status, 400)
})
