import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { basic, goodMessage, startTestServer, testSource } from './test-server.ts'
import type { TestServer } from './test-server.ts'

const auth = { authorization: basic('wk_web') }
const mebibyte = 1024 * 1024

/** Sends bytes on a socket of its own and gives everything that comes back until the server closes it. */
const raw = (server: TestServer, bytes: string | Buffer, endsAfter = false): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1')
    let text = ''
    socket.on('data', (data) => (text += data.toString()))
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
    if (endsAfter) socket.end(bytes)
    else socket.write(bytes)
  })

const head = (path: string, length: number | string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${auth.authorization}\r\nContent-Length: ${length}\r\n\r\n`

/** Posts the bad body to the batch and the track route and a good message beside it; the good one must be kept. */
const checkAnswer = async (
  server: TestServer,
  body: string | Buffer,
  headers: object,
  status: number,
  code?: string,
) => {
  for (const path of ['/v1/batch', '/v1/track']) {
    const [answer, good] = await Promise.all([
      server.post(path, body, { ...auth, ...headers }),
      server.post('/v1/track', goodMessage('beside')),
    ])
    assert.equal(answer.status, status, answer.text)
    if (code !== undefined) assert.equal((JSON.parse(answer.text) as { code: string }).code, code)
    assert.equal(good.status, 200)
    assert.equal(server.log.messageIds.at(-1), 'beside')
  }
}

test('answers 400 to what is not JSON', async () => {
  await using server = await startTestServer()
  for (const body of [
    '',
    ' ',
    '{',
    '{"batch":[{}',
    '{"a":1}}',
    "{'a':1}",
    '{"a":01}',
    '{"a":"\u0001"}',
    'batch',
    '\ufeff',
  ]) {
    await checkAnswer(server, body, {}, 400, 'invalid_json')
  }
  await checkAnswer(server, Buffer.from([0x22, 0xff, 0xfe, 0x22]), {}, 400, 'invalid_utf8')
  await checkAnswer(
    server,
    Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
    {},
    400,
    'invalid_utf8',
  )
  await server.api.drain()
  assert.ok(server.log.rejections.every(({ source, code }) => source === 'web' && code.startsWith('invalid_')))
})

test('answers 200 to JSON of wrong types and keeps it as a rejection', async () => {
  await using server = await startTestServer()
  for (const body of ['[]', '5', 'null', '"text"', 'true', '[{"batch":[]}]']) await checkAnswer(server, body, {}, 200)
  for (const body of [
    '{"batch":{}}',
    '{"batch":null}',
    '{}',
    '{"batch":[],"context":5}',
    '{"batch":[],"integrations":[]}',
  ]) {
    assert.equal((await server.post('/v1/batch', body)).status, 200)
  }
  const { rejections } = server.log
  assert.equal(rejections.length, 6 * 2 + 5)
  assert.equal((await server.post('/v1/batch', '[]', {})).status, 401)
})

test('refuses a message of 10,000 levels and keeps those beside it in the batch', async () => {
  await using server = await startTestServer()
  for (const levels of [101, 10_000, 100_000]) {
    const deep = `{"type":"track","event":"E","userId":"u","properties":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`
    const large = await server.post(
      '/v1/batch',
      `{"batch":[${JSON.stringify(goodMessage('m'))},${deep},${JSON.stringify(goodMessage('n'))}]}`,
    )
    assert.equal(large.status, 200)
    assert.deepEqual(server.log.messageIds.slice(-2), ['m', 'n'])
    assert.equal(server.log.rejections.at(-1)?.path, 'batch[1]')
    await server.post('/v1/track', deep)
    await server.post('/v1/batch', `{"batch":[],"context":${deep}}`)
  }
  assert.deepEqual([...new Set(server.log.rejections.map(({ code }) => code))], ['too_deep', 'message_too_large'])
  assert.equal(server.log.messages.length, 6)
  await checkAnswer(server, '['.repeat(4 * mebibyte - 10), {}, 400)
})

test('keeps messages with huge numbers, lone surrogates, duplicate and reserved keys as they were sent', async () => {
  await using server = await startTestServer()
  const rows = [
    String.raw`{"type":"track","event":"\ud800","userId":"u\udfff","messageId":"\ud800","properties":{"n":1e999,"m":-1E-999,"k":${'9'.repeat(400)}}}`,
    '{"type":"track","event":"E","userId":"u","__proto__":{"type":"x"},"constructor":{"prototype":{"polluted":1}},"properties":{"__proto__":{"polluted":1}}}',
    '{"type":"track","event":"first","event":"second","userId":"u"}',
  ]
  const answer = await server.post(
    '/v1/batch',
    `{"__proto__":{"batch":[]},"batch":[1],"batch":[${rows.join(',')}],"context":{"__proto__":{"a":1}}}`,
  )
  assert.equal(answer.status, 200)
  assert.equal(server.log.rejections.length, 0)
  assert.deepEqual(
    rows.map((_, index) => server.log.blocks[0]?.raw(index).toString()),
    rows,
  )
  const { messages } = server.log
  assert.equal(messages[2]?.type === 'track' && messages[2].event, 'second')
  assert.equal(Object.getPrototypeOf(messages[1]), Object.prototype)
  assert.equal(({} as { polluted?: number }).polluted, undefined)
  assert.deepEqual(Object.keys(messages[0]?.context ?? {}), ['__proto__'])
})

test('decodes gzip, deflate, br and gzip that says nothing, whatever the content type', async () => {
  await using server = await startTestServer()
  const body = Buffer.from(JSON.stringify({ batch: [goodMessage('m')] }))
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const sent: [Buffer, object][] = [
    [gzipSync(body), { 'content-encoding': 'gzip' }],
    [gzipSync(body), { 'content-encoding': 'GZIP' }],
    [gzipSync(body), {}],
    [deflateSync(body), { 'content-encoding': 'deflate' }],
    [deflateRawSync(body), { 'content-encoding': 'deflate' }],
    [brotliCompressSync(body), { 'content-encoding': 'br' }],
    [body, { 'content-encoding': 'identity' }],
  ]
  for (const [bytes, headers] of sent) {
    assert.equal((await server.post('/v1/batch', bytes, { ...auth, ...form, ...headers })).status, 200)
  }
  assert.equal(server.log.messages.length, sent.length)
})

test('answers 413 to a gzip bomb, 400 to a truncated one and to an unknown encoding', async () => {
  await using server = await startTestServer()
  const bomb = gzipSync(Buffer.alloc(200 * mebibyte, 0x20))
  const before = process.memoryUsage().rss
  await checkAnswer(server, bomb, { 'content-encoding': 'gzip' }, 413, 'body_too_large')
  assert.ok(process.memoryUsage().rss - before < 100 * mebibyte)
  const whole = gzipSync(JSON.stringify({ batch: [goodMessage('lost')], filler: 'x'.repeat(5000) }))
  for (const length of [1, 5, 20, whole.length - 9, whole.length - 1]) {
    await checkAnswer(server, whole.subarray(0, length), { 'content-encoding': 'gzip' }, 400, 'invalid_encoding')
  }
  await checkAnswer(server, '{}', { 'content-encoding': 'gzip' }, 400, 'invalid_encoding')
  await checkAnswer(server, '{}', { 'content-encoding': 'snappy' }, 400, 'invalid_encoding')
  assert.equal(server.log.messageIds.includes('lost'), false)
})

test('answers 413 to 10 MB with and without a content length, keeps its start, and the connection goes on', async () => {
  await using server = await startTestServer()
  const large = `{"batch":[${JSON.stringify(goodMessage('large'))}],"x":"${'y'.repeat(10 * mebibyte)}"}`
  await checkAnswer(server, large, {}, 413, 'body_too_large')
  await checkAnswer(server, large, { 'transfer-encoding': 'chunked' }, 413, 'body_too_large')
  const next = JSON.stringify(goodMessage('next'))
  const text = await raw(
    server,
    `${head('/v1/batch', large.length)}${large}${head('/v1/track', next.length).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}${next}`,
  )
  assert.match(text, /^HTTP\/1\.1 413 .*HTTP\/1\.1 200 OK/s)
  await server.api.drain()
  const [kept] = server.log.rejections
  assert.equal(kept?.raw.length, 32 * 1024)
  assert.equal(kept?.bodyBytes, large.length)
  assert.equal(kept?.bodyHash?.length, 64)
  assert.equal(server.log.messageIds.includes('large'), false)
})

test('refuses a message over 32 KiB of raw bytes and a batch over 2,500 messages', async () => {
  await using server = await startTestServer()
  const filler = (bytes: number) => ({ ...goodMessage('big'), properties: { x: 'é'.repeat(bytes / 2) } })
  await server.post('/v1/batch', { batch: [filler(32 * 1024), goodMessage('m1'), filler(32_000)] })
  assert.deepEqual(server.log.messageIds, ['m1', 'big'])
  assert.equal(server.log.rejections[0]?.code, 'message_too_large')
  const batch = { batch: Array.from({ length: 2501 }, (_, index) => goodMessage(`m${index}`)) }
  const refused = await server.post('/v1/batch', batch)
  assert.equal(refused.status, 400)
  assert.equal((JSON.parse(refused.text) as { code: string }).code, 'batch_too_large')
  batch.batch.pop()
  assert.equal((await server.post('/v1/batch', batch)).status, 200)
  assert.equal(server.log.messages.length, 2502)
})

test('answers 408 to a body that does not arrive, and takes no harm from wrong lengths', async () => {
  await using server = await startTestServer({ limits: { bodyTimeoutMs: 60 } })
  const body = JSON.stringify(goodMessage('m'))
  const slow = raw(server, head('/v1/track', body.length + 10) + body)
  assert.equal((await server.post('/v1/track', goodMessage('beside'))).status, 200)
  assert.match(await slow, /^HTTP\/1\.1 408 .*"code":"timeout"/s)
  assert.match(await raw(server, head('/v1/track', body.length + 10) + body, true), /^HTTP\/1\.1 400 /)
  assert.match(await raw(server, head('/v1/track', 'many') + body), /^HTTP\/1\.1 400 /)
  assert.match(await raw(server, head('/v1/track', body.length - 3) + body), /^HTTP\/1\.1 400 /)
  assert.match(await raw(server, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /)
  assert.equal((await server.post('/v1/track', goodMessage('after'))).status, 200)
  assert.deepEqual(server.log.messageIds, ['beside', 'after'])
  await server.api.drain()
})

test('answers 200 for a disabled source and stores the messages as rejections; 403 in strict mode', async () => {
  await using server = await startTestServer({}, [testSource('web', { enabled: false }), testSource('app')])
  assert.equal((await server.post('/v1/batch', { batch: [goodMessage('m')] })).status, 200)
  const strict = await server.post('/v1/track', goodMessage('m'), { ...auth, 'x-strict-mode': '1' })
  assert.equal(strict.status, 403)
  assert.equal((JSON.parse(strict.text) as { code: string }).code, 'source_disabled')
  assert.deepEqual(server.log.messageIds, [])
  assert.deepEqual(server.log.rejections.map(({ code, source }) => [code, source])[0], ['source_disabled', 'web'])
})
