import type { HttpFailure, HttpRequest, HttpResponse } from '@millrace/component-kit'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createHttpClient, type HttpClientOptions } from './guarded-client.ts'
import type { LookupAll } from './guarded-lookup.ts'

const loopback = ['127.0.0.0/8', '::1']

async function listen(t: TestContext, server: Server | TcpServer, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  t.after(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

const serve = (t: TestContext, listener: RequestListener): Promise<number> => listen(t, createServer(listener))

/** A server that does to each connection what it is told; open sockets are cut at the end of the test. */
function serveRaw(t: TestContext, onRequest: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  t.after(() => sockets.forEach((socket) => socket.destroy()))
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => onRequest(socket))
  })
  return listen(t, server)
}

function client(t: TestContext, options: Partial<HttpClientOptions> = {}) {
  const http = createHttpClient({
    allow: loopback,
    timeoutMs: 5_000,
    connections: 2,
    userAgent: 'Millrace/test',
    ...options,
  })
  t.after(() => http.close())
  return {
    ...http,
    send: (url: string, request: Partial<HttpRequest> = {}) =>
      http.request({ method: 'POST', url, body: '{}', ...request }),
  }
}

function failed(answer: HttpResponse | HttpFailure): HttpFailure {
  assert.ok('failure' in answer, `expected a failure, got ${JSON.stringify(answer)}`)
  return answer
}

function answered(answer: HttpResponse | HttpFailure): HttpResponse {
  assert.ok('status' in answer, `expected an answer, got ${JSON.stringify(answer)}`)
  return answer
}

/** Resolves each name to the lists in turn; the last one stays. */
const resolveTo = (...answers: string[][]): LookupAll => {
  let call = 0
  return (_hostname, _options, callback) => {
    const addresses = answers[Math.min(call++, answers.length - 1)] ?? []
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
}

test('sends method, path, headers and body, and gives back status, headers and text', async (t) => {
  const port = await serve(t, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.writeHead(202, { 'Retry-After': '7', 'Set-Cookie': ['a=1', 'b=2'] })
      const { host: _host, ...headers } = request.headers
      response.end(
        JSON.stringify({ method: request.method, url: request.url, headers, body: Buffer.concat(chunks).toString() }),
      )
    })
  })
  const http = client(t)
  const answer = answered(
    await http.send(`http://127.0.0.1:${port}/in?a=b`, {
      method: 'PUT',
      headers: { 'x-a': '1' },
      body: Buffer.from('"ü"'),
    }),
  )
  assert.equal(answer.status, 202)
  assert.equal(answer.headers['retry-after'], '7')
  assert.equal(answer.headers['set-cookie'], 'b=2')
  assert.deepEqual(JSON.parse(answer.text), {
    method: 'PUT',
    url: '/in?a=b',
    headers: { 'x-a': '1', 'user-agent': 'Millrace/test', 'content-length': '4', connection: 'keep-alive' },
    body: '"ü"',
  })
})

test('keeps connections alive and opens no more than it may', async (t) => {
  let connections = 0
  const server = createServer((_request, response) => response.end('ok'))
  server.on('connection', () => connections++)
  const port = await listen(t, server)
  const http = client(t)
  const answers = await Promise.all(Array.from({ length: 50 }, () => http.send(`http://127.0.0.1:${port}/`)))
  assert.ok(answers.every((answer) => answered(answer).status === 200))
  assert.equal(connections, 2)
})

test('does not follow a redirect', async (t) => {
  let hits = 0
  const inside = await serve(t, (_request, response) => {
    hits++
    response.end('secret')
  })
  const port = await serve(t, (_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${inside}/` }).end()
  })
  const answer = answered(await client(t).send(`http://127.0.0.1:${port}/`))
  assert.equal(answer.status, 307)
  assert.equal(hits, 0)
})

test('a receiver that never answers is a timeout, and the connection is closed', async (t) => {
  const closed = Promise.withResolvers<void>()
  const port = await serveRaw(t, (socket) => socket.on('close', () => closed.resolve()))
  const failure = failed(await client(t, { timeoutMs: 60 }).send(`http://127.0.0.1:${port}/`))
  assert.deepEqual([failure.failure, failure.code], ['timeout', 'REQUEST_TIMEOUT'])
  await closed.promise
})

test('a body that trickles in is bounded by the same time', async (t) => {
  const port = await serveRaw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
    const drip = setInterval(() => socket.write('x'), 5)
    socket.on('close', () => clearInterval(drip))
  })
  assert.equal(failed(await client(t, { timeoutMs: 80 }).send(`http://127.0.0.1:${port}/`)).failure, 'timeout')
})

test('a request that waits for a connection until its time is up is never sent', async (t) => {
  const requests: string[] = []
  const port = await serve(t, (request) => {
    requests.push(request.url ?? '')
  })
  const http = client(t, { timeoutMs: 60, connections: 1 })
  const answers = await Promise.all([http.send(`http://127.0.0.1:${port}/1`), http.send(`http://127.0.0.1:${port}/2`)])
  assert.deepEqual(
    answers.map((answer) => failed(answer).failure),
    ['timeout', 'timeout'],
  )
  await http.close()
  assert.deepEqual(requests, ['/1'])
})

test('a connection reset in the middle of the body is a network failure', async (t) => {
  const port = await serveRaw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf', () => socket.resetAndDestroy())
  })
  const failure = failed(await client(t).send(`http://127.0.0.1:${port}/`))
  assert.equal(failure.failure, 'network')
  assert.match(failure.code, /^(ECONNRESET|UND_ERR_SOCKET)$/)
})

test('an endless body is cut at the limit, answered, and its connection closed', async (t) => {
  const closed = Promise.withResolvers<void>()
  const port = await serveRaw(t, (socket) => {
    socket.write('HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\n\r\n')
    const chunk = `400\r\n${'a'.repeat(1024)}\r\n`
    const pour = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', pour)
    socket.on('close', () => closed.resolve())
    pour()
  })
  const answer = answered(await client(t, { maxResponseBytes: 5_000 }).send(`http://127.0.0.1:${port}/`))
  assert.equal(answer.status, 400)
  assert.equal(answer.text, 'a'.repeat(5_000))
  await closed.promise
})

test('response headers without end are too large', async (t) => {
  const port = await serveRaw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    for (let i = 0; i < 64; i++) socket.write(`x-${i}: ${'a'.repeat(1024)}\r\n`)
  })
  assert.equal(failed(await client(t).send(`http://127.0.0.1:${port}/`)).failure, 'too_large')
})

test('a port where nobody listens is a network failure with the code of the system', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  server.close()
  await once(server, 'close')
  const failure = failed(await client(t).send(`http://127.0.0.1:${port}/`))
  assert.deepEqual([failure.failure, failure.code], ['network', 'ECONNREFUSED'])
  assert.match(failure.message, /127\.0\.0\.1/)
})

test('the signal ends a request under way, and none is begun after it', async (t) => {
  const stop = new AbortController()
  let hits = 0
  const port = await serve(t, () => {
    hits++
    stop.abort()
  })
  const http = client(t)
  const url = `http://127.0.0.1:${port}/`
  assert.equal(failed(await http.send(url, { signal: stop.signal })).code, 'ABORTED')
  assert.equal(failed(await http.send(url, { signal: stop.signal })).code, 'ABORTED')
  assert.equal(hits, 1)
})

test('a name that resolves to a private address is blocked, with the remedy', async (t) => {
  for (const addresses of [
    ['10.0.0.1'],
    ['127.0.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['fe80::1%1'],
    ['169.254.169.254'],
  ]) {
    const http = client(t, { allow: [], lookup: resolveTo(addresses) })
    const failure = failed(await http.send('http://receiver.example/in'))
    assert.deepEqual([failure.failure, failure.code], ['blocked', 'ADDRESS_BLOCKED'], addresses.join())
    assert.match(failure.message, /receiver\.example .*network\.allow/)
  }
})

test('a name that is rebound between two connections is judged at each of them', async (t) => {
  let hits = 0
  const port = await serve(t, (_request, response) => {
    hits++
    response.writeHead(200, { connection: 'close' }).end()
  })
  // Only 127.0.0.1 counts as public here; 127.0.0.2 reaches the same server and must not be used.
  const http = client(t, { allow: ['127.0.0.1'], connections: 1, lookup: resolveTo(['127.0.0.1'], ['127.0.0.2']) })
  const url = `http://receiver.example:${port}/`
  assert.equal(answered(await http.send(url)).status, 200)
  assert.equal(failed(await http.send(url)).code, 'ADDRESS_BLOCKED')
  assert.equal(hits, 1)
})

test('of several resolved addresses only the allowed ones are connected to', async (t) => {
  const port = await serve(t, (request, response) => response.end(request.socket.localAddress))
  const http = client(t, { allow: ['127.0.0.1'], lookup: resolveTo(['::1', '127.0.0.2', '127.0.0.1']) })
  assert.equal(answered(await http.send(`http://receiver.example:${port}/`)).text, '127.0.0.1')
})

test('the name localhost and literal addresses are blocked without an allow list', async (t) => {
  let hits = 0
  const port = await serve(t, (_request, response) => {
    hits++
    response.end()
  })
  const http = client(t, { allow: [] })
  for (const host of ['localhost', '127.0.0.1', '2130706433', '0x7f.1', '0177.1', '[::1]', '[::ffff:127.0.0.1]']) {
    assert.equal(failed(await http.send(`http://${host}:${port}/`)).failure, 'blocked', host)
  }
  assert.equal(hits, 0)
})

test('a header that HTTP cannot carry is refused as a value and sends nothing', async (t) => {
  let hits = 0
  const port = await serve(t, (_request, response) => {
    hits++
    response.end()
  })
  const http = client(t)
  const refused: readonly { readonly [name: string]: string }[] = [
    { 'x-a': 'a\r\nb: c' },
    { 'x-a': '日本' },
    { 'x a': '1' },
    { 'Transfer-Encoding': 'chunked' },
    { host: 'a.example' },
  ]
  for (const headers of refused) {
    const failure = failed(await http.send(`http://127.0.0.1:${port}/`, { headers }))
    assert.deepEqual([failure.failure, failure.code], ['blocked', 'HEADER_INVALID'])
  }
  assert.equal(hits, 0)
  // The connections are not lost by it (undici's pool counts them as busy when it is the one that refuses).
  assert.equal(answered(await http.send(`http://127.0.0.1:${port}/`)).status, 200)
})

test('a TLS handshake with something else is a network failure', async (t) => {
  const port = await serveRaw(t, (socket) => socket.end('not tls\r\n'))
  assert.equal(failed(await client(t).send(`https://127.0.0.1:${port}/`)).failure, 'network')
})
