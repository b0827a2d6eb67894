import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createApiClient } from './api-client.ts'
import { ApiError } from './api-error.ts'

/** A server on a free port that answers as told; closed after the test. */
async function serve(context: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const rejected = async (action: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await action.then(
    () => assert.fail('it did not throw'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof ApiError, String(error))
  return error
}

test('sends the token and encodes what stands in a path', async (context) => {
  let seen: string | undefined
  const baseUrl = await serve(context, (request, response) => {
    seen = `${request.method} ${request.url} ${request.headers.authorization}`
    response.end('{"messageId":"a/b?c","traces":[]}')
  })
  const answer = await createApiClient({ baseUrl: `${baseUrl}/`, token: 't1' }).message('a/b?c')
  assert.equal(seen, 'GET /api/messages/a%2Fb%3Fc Bearer t1')
  assert.deepEqual(answer.traces, [])
})

test('leaves parameters out of the query that are not given', async (context) => {
  let url: string | undefined
  const baseUrl = await serve(context, (request, response) => {
    url = request.url
    response.end('{"entries":[],"next":"0:0"}')
  })
  await createApiClient({ baseUrl }).tail({ from: '3:1', limit: undefined, source: 'web' })
  assert.equal(url, '/api/tail?from=3%3A1&source=web')
})

test('throws what the server says, with its paths', async (context) => {
  const baseUrl = await serve(context, (_request, response) => {
    response.writeHead(400)
    response.end(
      JSON.stringify({
        code: 'invalid_workspace',
        message: 'Refused.',
        errors: [{ path: 'sources.web', reason: 'has no type' }],
      }),
    )
  })
  const error = await rejected(createApiClient({ baseUrl }).putWorkspace({ document: {}, by: 'me' }))
  assert.deepEqual(
    [error.code, error.status, error.message, error.errors],
    ['invalid_workspace', 400, 'Refused.', [{ path: 'sources.web', reason: 'has no type' }]],
  )
})

test('throws unreachable with the reason when nobody listens', async () => {
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const port = (closed.address() as AddressInfo).port
  await new Promise((resolve) => closed.close(resolve))
  const error = await rejected(createApiClient({ baseUrl: `http://127.0.0.1:${port}` }).ledger())
  assert.deepEqual([error.code, error.status], ['unreachable', 0])
  assert.match(error.message, /ECONNREFUSED/)
})

test('throws unreadable for pages of somebody else', async (context) => {
  const baseUrl = await serve(context, (request, response) => {
    if (request.url === '/api/status') response.writeHead(502)
    response.end('<html>hello</html>')
  })
  const client = createApiClient({ baseUrl })
  assert.equal((await rejected(client.ledger())).code, 'unreadable')
  const error = await rejected(client.status())
  assert.deepEqual([error.code, error.status], ['unreadable', 502])
})

test('yields the lines of a stream as they come, however they are cut', async (context) => {
  let next: (() => void) | undefined
  const baseUrl = await serve(context, (_request, response) => {
    response.write('{"position":"1:0","source":"web","receivedAt":"x"}\n\n{"posi')
    next = () => response.end('tion":"1:1","source":"wéb","receivedAt":"x"}\n')
  })
  const seen: string[] = []
  for await (const entry of createApiClient({ baseUrl }).tailStream()) {
    seen.push(`${entry.position} ${entry.source}`)
    // The second entry is sent only after the first was seen, so a client that buffers would hang here.
    next?.()
    next = undefined
  }
  assert.deepEqual(seen, ['1:0 web', '1:1 wéb'])
})

test('follows a verification to its result, and throws when it breaks off', async (context) => {
  const result = { balanced: true, messagesRead: 2, ledger: { at: 'x', sources: [], destinations: [] }, problems: [] }
  let lines: unknown[] = [{ progress: { done: 1, total: 2 } }, { progress: { done: 2, total: 2 } }, { result }]
  const baseUrl = await serve(context, (_request, response) => {
    response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  })
  const client = createApiClient({ baseUrl })
  const progress: number[] = []
  const answer = await client.verifyLedger({ onProgress: ({ done }) => progress.push(done) })
  assert.deepEqual([answer, progress], [result, [1, 2]])

  lines = [{ progress: { done: 1, total: 2 } }]
  assert.equal((await rejected(client.verifyLedger())).code, 'unreadable')
  lines = [{ error: { code: 'internal', message: 'broken' } }]
  assert.equal((await rejected(client.verifyLedger())).code, 'internal')
})

test('throws what a stream says when it fails on its way, and interrupted when the connection breaks', async (context) => {
  let isBroken = false
  const baseUrl = await serve(context, (_request, response) => {
    response.write('{"position":"1:0","source":"web","receivedAt":"x"}\n')
    if (isBroken) setImmediate(() => response.destroy())
    else response.end('{"error":{"code":"internal","message":"broken"}}\n')
  })
  const client = createApiClient({ baseUrl })
  const follow = async () => {
    for await (const { position } of client.tailStream()) assert.equal(position, '1:0')
  }
  assert.equal((await rejected(follow())).code, 'internal')
  isBroken = true
  assert.equal((await rejected(follow())).code, 'interrupted')
})

test('opens a stream again where it was after a long silence, without sending an entry twice', async () => {
  const urls: string[] = []
  const silence = new TypeError('terminated', { cause: Object.assign(new Error(), { code: 'UND_ERR_BODY_TIMEOUT' }) })
  const line = (position: string) => new TextEncoder().encode(`${JSON.stringify({ position, source: 'web' })}\n`)
  const bodies: readonly (readonly Uint8Array[])[] = [[], [line('1:0')], [line('1:0'), line('1:1')]]
  const fetch = async (url: string | URL | Request) => {
    const chunks = bodies[urls.length] ?? []
    const isLast = urls.push(url instanceof Request ? url.url : url.toString()) === bodies.length
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks[sent]
        sent += 1
        if (chunk !== undefined) controller.enqueue(chunk)
        else if (isLast) controller.close()
        else controller.error(silence)
      },
    })
    return new Response(body)
  }
  const seen: string[] = []
  for await (const entry of createApiClient({ baseUrl: 'http://h', fetch }).tailStream({ limit: 5 })) {
    seen.push(entry.position)
  }
  assert.deepEqual(seen, ['1:0', '1:1'])
  const first = 'http://h/api/tail/stream?limit=5'
  assert.deepEqual(urls, [first, first, `${first}&from=1%3A0`])
})
