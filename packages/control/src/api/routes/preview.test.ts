import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, Message } from '@millrace/protocol'
import type { PreviewRequest, ShadowRequest } from '../dependencies.ts'
import { startControlServer } from '../../testing/test-control-server.ts'

const stored = { type: 'track', event: 'Stored', messageId: 'm-1', userId: 'u' } as unknown as Message
const trace = async (messageId: string) => ({
  messageId,
  traces:
    messageId === 'm-1'
      ? [
          {
            messageId,
            position: '0:0' as const,
            source: 'app',
            type: 'track' as const,
            receivedAt: '',
            message: stored,
            stages: [],
          },
        ]
      : [],
})

const start = async () => {
  const previews: PreviewRequest[] = []
  const shadows: ShadowRequest[] = []
  const server = await startControlServer({
    trace,
    preview: async (request) => {
      previews.push(request)
      return { messageId: request.message.messageId, outcome: 'matched', actions: [] }
    },
    shadow: async (request) => {
      shadows.push(request)
      return {
        messages: 0,
        unchanged: 0,
        changed: 0,
        newlyMatched: 0,
        newlyFiltered: 0,
        newlyFailing: 0,
        repaired: 0,
        samples: [],
      }
    },
  })
  const document = {
    sources: { web: { type: 'http', writeKeys: ['a'] }, app: { type: 'http', writeKeys: ['b'] } },
    destinations: {
      hook: { type: 'hook', settings: { url: 'https://example.com' }, sources: ['app'] },
      lake: { type: 'lake', settings: { path: 'x' } },
    },
  }
  await server.versions.apply(document, { by: 'test' })
  const post = (path: string, body: Json) => server.send('POST', `/api/destinations/${path}`, { body })
  return { previews, shadows, post, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a stored message is tried with its own source, and with the mappings in force', async () => {
  await using api = await start()
  const { status, json } = await api.post('hook/preview', { messageId: 'm-1' })
  assert.deepEqual([status, json], [200, { messageId: 'm-1', outcome: 'matched', actions: [] }])
  assert.deepEqual(api.previews, [{ destinationId: 'hook', mappings: undefined, message: stored, source: 'app' }])
})

test('a message that is given is completed as ingestion would, from a source that the destination takes', async () => {
  await using api = await start()
  await api.post('hook/preview', { message: { type: 'track', event: 'New', userId: 'u' } })
  const [request] = api.previews
  assert.equal(request?.source, 'app')
  assert.equal(request.message.messageId, 'preview')
  assert.match(request.message.receivedAt ?? '', /^\d{4}-.*Z$/)
})

test('mappings that are tried are checked as in the workspace, and completed', async () => {
  await using api = await start()
  const mappings = [{ action: 'post', trigger: 'event = "A"' }]
  await api.post('hook/preview', { messageId: 'm-1', mappings })
  const [tried] = api.previews[0]?.mappings ?? []
  assert.deepEqual(
    [tried?.name, tried?.trigger, tried?.fields['text']],
    ['post', 'event = "A"', { '@path': '$.event' }],
  )
  const refused = await api.post('hook/preview', {
    messageId: 'm-1',
    mappings: [{ action: 'post', trigger: 'event =' }],
  })
  const { code, errors } = refused.json as { code: string; errors: { path: string }[] }
  assert.deepEqual([refused.status, code, errors[0]?.path], [400, 'invalid_workspace', 'mappings[0].trigger'])
  const shadow = await api.post('hook/shadow', { mappings, messages: 20, samples: 0 })
  assert.equal(shadow.status, 200)
  assert.equal(api.shadows[0]?.maxMessages, 20)
})

test('what cannot be tried is refused with what to give instead', async () => {
  await using api = await start()
  const answers: [string, Json, number, RegExp][] = [
    ['none/preview', { messageId: 'm-1' }, 404, /no destination .*none/],
    ['lake/preview', { messageId: 'm-1' }, 400, /warehouse/],
    ['hook/preview', { messageId: 'm-2' }, 404, /No message has the id .*m-2/],
    ['hook/preview', {}, 400, /messageId/],
    ['hook/preview', { message: { type: 'track', userId: 'u' } }, 400, /event/],
    ['hook/preview', { message: { userId: 'u' } }, 400, /type/],
    ['hook/shadow', {}, 400, /mappings/],
    ['hook/shadow', { mappings: [], messages: 10_001 }, 400, /messages/],
    ['hook/shadow', { mappings: { a: 1 } }, 400, /mappings/],
  ]
  for (const [path, body, status, text] of answers) {
    const answer = await api.post(path, body)
    assert.equal(answer.status, status, JSON.stringify([path, body, answer.json]))
    assert.match(JSON.stringify(answer.json), text)
  }
})
