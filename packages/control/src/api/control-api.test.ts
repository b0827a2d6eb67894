import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { isJsonObject, MillraceError } from '@millrace/protocol'
import type { Json } from '@millrace/protocol'
import * as fc from 'fast-check'
import { startControlServer, testToken } from '../testing/test-control-server.ts'
import { isControlPath } from './control-api.ts'
import { routes } from './routes.ts'

const codeOf = (json: Json) => (isJsonObject(json) ? json.code : undefined)

describe('who may use the API', () => {
  it('is who has the token, on every route under /api and on unknown ones', async () => {
    await using server = await startControlServer()
    const paths = routes.filter(({ access }) => access === 'token').map(({ method, path }) => [method, path] as const)
    assert.ok(paths.length > 15)
    for (const [method, path] of [...paths, ['GET', '/api/none'] as const, ['GET', '/api'] as const]) {
      for (const token of [null, 'wrong', `${testToken}x`, '']) {
        const { status, json, headers } = await server.send(method, path.replaceAll(':', ''), { token })
        assert.deepEqual([status, codeOf(json), headers['www-authenticate']], [401, 'unauthorized', 'Bearer'], path)
      }
    }
    const basic = { authorization: `Basic ${testToken}` }
    assert.equal((await server.send('GET', '/api/status', { token: null, headers: basic })).status, 401)
    assert.equal((await server.send('GET', '/api/status')).status, 200)
  })

  it('is anybody for health and readiness, and for metrics when the workspace says so', async () => {
    await using server = await startControlServer()
    assert.deepEqual((await server.send('GET', '/healthz', { token: null })).json, { status: 'ok' })
    assert.equal((await server.send('HEAD', '/readyz', { token: null })).status, 200)
    assert.equal((await server.send('GET', '/metrics', { token: null })).status, 401)
    assert.equal((await server.send('GET', '/metrics')).text, 'millrace_up 1\n')
    await server.versions.apply({ settings: { metrics: { public: true } } }, { by: 'ann' })
    const open = await server.send('GET', '/metrics', { token: null })
    assert.deepEqual([open.status, open.headers['content-type']], [200, 'text/plain; version=0.0.4; charset=utf-8'])
  })

  it('is nobody who was led here by a foreign name', async () => {
    await using server = await startControlServer({ hostNames: ['Mill.Example'] })
    const status = async (host: string) => (await server.send('GET', '/healthz', { headers: { host } })).status
    for (const host of [
      '127.0.0.1:1',
      '10.1.2.3',
      '[::1]:80',
      '[::1]',
      'localhost',
      'LOCALHOST.:8420',
      'mill.example:1',
    ]) {
      assert.equal(await status(host), 200, host)
    }
    for (const host of [
      'evil.example',
      '127.0.0.1.evil.example',
      'localhost.evil',
      '[::1].evil',
      '::1',
      ':80',
      'a:b:c',
    ]) {
      assert.equal(await status(host), 421, host)
    }
  })

  it('may come by any name when the server listens to other machines', async () => {
    await using server = await startControlServer({ loopback: false })
    assert.equal((await server.send('GET', '/healthz', { headers: { host: 'evil.example' } })).status, 200)
  })
})

describe('answers', () => {
  it('carry the headers that keep browsers from misusing them, and allow no other origin', async () => {
    await using server = await startControlServer()
    const paths = ['/api/status', '/api/none', '/healthz', '/metrics', '/api/tail/stream']
    for (const path of paths) {
      const response = await server.open('GET', path, { headers: { origin: 'https://evil.example' } })
      const { headers } = response.resume()
      response.destroy()
      assert.equal(headers['x-content-type-options'], 'nosniff', path)
      assert.equal(headers['cache-control'], 'no-store')
      assert.match(String(headers['content-security-policy']), /default-src 'none'/)
      assert.equal(headers['access-control-allow-origin'], undefined)
    }
  })

  it('say 503 with the reasons when the server is not ready', async () => {
    const reasons = ['the disk is full']
    await using server = await startControlServer({ readiness: async () => ({ ready: false, reasons }) })
    const { status, json } = await server.send('GET', '/readyz', { token: null })
    assert.deepEqual([status, json], [503, { ready: false, reasons }])
  })

  it('pass on the errors of the services, and of defects only that there was one', async () => {
    const defect = new Error('password is sesame')
    await using server = await startControlServer({
      ledger: () => Promise.reject(defect),
      sql: () => Promise.reject(new MillraceError('not_found', 'There is no destination "x".')),
      pause: () => Promise.reject(new MillraceError('not_found', 'There is no destination "x".')),
      resume: () => Promise.reject(new MillraceError('not_found', 'There is no destination "x".')),
      status: () => Promise.reject(new MillraceError('unavailable', 'The disk is full.')),
    })
    const broken = await server.send('GET', '/api/ledger')
    assert.deepEqual([broken.status, codeOf(broken.json)], [500, 'internal'])
    assert.ok(!broken.text.includes('sesame'))
    assert.deepEqual(server.errors, [defect])
    for (const what of ['pause', 'resume']) {
      assert.equal((await server.send('POST', `/api/destinations/x/${what}`, { body: {} })).status, 404, what)
    }
    const missing = await server.send('POST', '/api/destinations/x/sql', { body: { sql: 'select 1' } })
    assert.deepEqual(
      [missing.status, missing.json],
      [404, { code: 'not_found', message: 'There is no destination "x".' }],
    )
    const full = await server.send('GET', '/api/status')
    assert.deepEqual([full.status, full.headers['retry-after']], [503, '5'])
    assert.equal(server.errors.length, 1)
  })

  it('say what there is instead of a path or a method that is not', async () => {
    await using server = await startControlServer()
    assert.deepEqual(codeOf((await server.send('GET', '/api/none')).json), 'not_found')
    const wrong = await server.send('DELETE', '/api/workspace')
    assert.deepEqual([wrong.status, codeOf(wrong.json), wrong.headers.allow], [405, 'method_not_allowed', 'GET, PUT'])
    assert.equal((await server.send('OPTIONS', '/api/ledger')).status, 405)
    assert.equal((await server.send('GET', '/api/messages/%ff')).status, 404)
    assert.equal((await server.send('GET', '/api/messages/')).status, 404)
  })
})

describe('requests', () => {
  it('reach the services with their defaults and types', async () => {
    const seen: unknown[] = []
    await using server = await startControlServer({
      sql: async (id, request) => {
        seen.push([id, request])
        return { columns: ['n'], rows: [[1]], truncated: false }
      },
      rejections: async (options) => {
        seen.push(options)
        return []
      },
      trace: async (messageId) => {
        seen.push(messageId)
        return { messageId, traces: [] }
      },
    })
    await server.send('POST', '/api/destinations/lake/sql', { body: { sql: 'select 1', maxRows: 5 } })
    await server.send('GET', '/api/rejections?source=web&limit=7')
    await server.send('GET', `/api/messages/${encodeURIComponent('a/b c?ü')}`)
    assert.deepEqual(seen, [
      ['lake', { sql: 'select 1', maxRows: 5, timeoutMs: 30_000 }],
      { source: 'web', limit: 7 },
      'a/b c?ü',
    ])
  })

  const bad: [
    title: string,
    method: string,
    path: string,
    body: string | Uint8Array | undefined,
    status: number,
    code: string,
  ][] = [
    ['a limit that is no number', 'GET', '/api/tail?limit=many', undefined, 400, 'invalid_request'],
    ['a limit out of range', 'GET', '/api/tail?limit=1001', undefined, 400, 'invalid_request'],
    ['a parameter given twice', 'GET', '/api/tail?limit=1&limit=2', undefined, 400, 'invalid_request'],
    ['an unknown parameter', 'GET', '/api/tail?limt=1', undefined, 400, 'invalid_request'],
    ['__proto__ as a parameter', 'GET', '/api/tail?__proto__=1', undefined, 400, 'invalid_request'],
    ['a position that is none', 'GET', '/api/tail?from=yesterday', undefined, 400, 'invalid_request'],
    ['no body where one is needed', 'PUT', '/api/workspace', undefined, 400, 'invalid_request'],
    ['a body that is a list', 'PUT', '/api/workspace', '[]', 400, 'invalid_request'],
    ['an unknown field', 'PUT', '/api/workspace', '{"document":{},"confrim":[]}', 400, 'invalid_request'],
    ['a body that is not JSON', 'PUT', '/api/workspace', '{', 400, 'invalid_json'],
    ['a body that is not UTF-8', 'PUT', '/api/workspace', Uint8Array.of(0x22, 0xff, 0x22), 400, 'invalid_utf8'],
    [
      '10,000 levels',
      'PUT',
      '/api/workspace',
      `{"document":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      400,
      'invalid_workspace',
    ],
    [
      'a body over the limit',
      'POST',
      '/api/destinations/a/sql',
      JSON.stringify({ sql: 'x'.repeat(70_000) }),
      413,
      'body_too_large',
    ],
    ['a version that is no number', 'GET', '/api/workspace/versions/x', undefined, 404, 'not_found'],
  ]
  for (const [title, method, path, body, status, code] of bad) {
    it(`with ${title} are refused`, async () => {
      await using server = await startControlServer()
      const answer = await server.send(method, path, body === undefined ? {} : { body })
      assert.deepEqual([answer.status, codeOf(answer.json)], [status, code], answer.text)
      assert.deepEqual(server.errors, [])
    })
  }

  it('with a compressed body are refused', async () => {
    await using server = await startControlServer()
    const { json } = await server.send('PUT', '/api/workspace', { body: 'x', headers: { 'content-encoding': 'gzip' } })
    assert.equal(codeOf(json), 'invalid_encoding')
  })

  it('with a body of unknown length are cut off at the limit', async () => {
    await using server = await startControlServer()
    const socket = connect(server.port, '127.0.0.1')
    const head = `POST /api/destinations/a/sql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${testToken}\r\ntransfer-encoding: chunked\r\n\r\n`
    socket.write(head)
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    for (let sent = 0; sent < 5; sent++) socket.write(chunk)
    let answer = ''
    for await (const data of socket) answer += String(data)
    assert.match(answer, /^HTTP\/1\.1 413/)
    assert.match(answer, /connection: close/i)
  })

  it('of any kind get an answer, and none is a defect', async () => {
    await using server = await startControlServer()
    const known = routes.filter(({ path }) => path !== '/api/tail/stream').map(({ path }) => path)
    const path = fc.oneof(
      fc.constantFrom(...known),
      fc.webPath().map((rest) => `/api${rest}`),
      fc.webQueryParameters().map((query) => `/api/tail?${query}`),
    )
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.uint8Array(),
      fc.record({ document: fc.jsonValue() }).map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'), path, body, async (method, target, content) => {
        const { status } = await server.send(method, target, { body: content })
        assert.ok(status !== undefined && status < 500)
      }),
      { numRuns: 300 },
    )
    assert.deepEqual(server.errors, [])
  })

  it('are the control API only under its paths', () => {
    for (const path of ['/api', '/api/x', '/api?x', '/healthz', '/readyz?a', '/metrics'])
      assert.ok(isControlPath(path), path)
    for (const path of ['/', '/apiary', '/v1/track', '/x/api', '/metricsx']) assert.ok(!isControlPath(path), path)
  })
})
