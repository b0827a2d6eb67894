import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { OutgoingHttpHeaders } from 'node:http'
import { documentOf } from './documents.ts'
import type { BrowserScripts, IngestionOptions } from './index.ts'
import { defaultSettings, startTestServer, testSource } from './test-server.ts'

interface Endpoint {
  apiKey: string
  apiHost: string
  protocol: string
}
interface Settings {
  integrations: { 'Segment.io': Endpoint; 'Customer.io Data Pipelines': Endpoint }
  metrics: { sampleRate: number; host: string }
}

const file = (text: string) => ({
  bytes: Buffer.from(text),
  gzip: gzipSync(text),
  contentType: 'text/javascript; charset=utf-8',
  etag: `e-${text.length}`,
})
const scripts: BrowserScripts = {
  sdk: (vendor, writeKey) => file(`sdk of ${vendor} for ${writeKey}`),
  chunk: (vendor, name) =>
    name === 'part.1f.js' ? { ...file(`part of ${vendor}`), isImmutable: vendor === 'segment' } : undefined,
}
const settingsPath = '/v1/projects/wk_web/settings'
const sdkPath = '/analytics.js/v1/wk_web/analytics.min.js'
const snippetPath = '/v1/analytics-js/snippet/wk_web/analytics.min.js'

const settingsFor = async (options: Partial<IngestionOptions>, headers: OutgoingHttpHeaders): Promise<Settings> => {
  await using server = await startTestServer(options)
  return JSON.parse((await server.send('GET', settingsPath, headers)).text) as Settings
}
const codeOf = (text: string): unknown => (JSON.parse(text) as { code: unknown }).code

test("the settings name the host that was asked and the key, for Segment's and for Customer.io's clients", async () => {
  await using server = await startTestServer()
  const answer = await server.send('GET', settingsPath, {
    host: 'events.example.com:8420',
    origin: 'https://shop.example',
  })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.equal(answer.headers['access-control-allow-origin'], '*')
  assert.match(answer.headers['cache-control'] ?? '', /^private, max-age=\d+$/)
  const { integrations, metrics } = JSON.parse(answer.text) as Settings
  for (const name of ['Segment.io', 'Customer.io Data Pipelines'] as const) {
    const { apiKey, apiHost, protocol } = integrations[name]
    assert.deepEqual(
      { apiKey, apiHost, protocol },
      { apiKey: 'wk_web', apiHost: 'events.example.com:8420/v1', protocol: 'http' },
    )
  }
  assert.deepEqual(metrics, { sampleRate: 0, host: 'events.example.com:8420/v1' })
})

test('no integration of the settings is one that a client would load from its vendor', async () => {
  const { integrations } = await settingsFor({}, {})
  for (const settings of Object.values(integrations)) {
    assert.equal('type' in settings, false)
    assert.equal('versionSettings' in settings, false)
  }
})

test('the settings say what a forwarding proxy says only when it is trusted', async () => {
  const headers = {
    host: 'inner:8420',
    'x-forwarded-host': 'evil.example, events.example.com',
    'x-forwarded-proto': 'https',
  }
  const from = async (trustedProxies: string[]): Promise<unknown> => {
    const { apiHost, protocol } = (await settingsFor({ trustedProxies }, headers)).integrations['Segment.io']
    return `${protocol}://${apiHost}`
  }
  assert.equal(await from([]), 'http://inner:8420/v1')
  assert.equal(await from(['10.0.0.0/8']), 'http://inner:8420/v1')
  assert.equal(await from(['127.0.0.1']), 'https://events.example.com/v1')
})

test('the settings name the public URL when there is one, whatever the request says, and may then be kept by all', async () => {
  await using server = await startTestServer({ publicUrl: 'https://example.com/events/' })
  const answer = await server.send('GET', settingsPath, { host: 'other' })
  const { apiHost, protocol } = (JSON.parse(answer.text) as Settings).integrations['Segment.io']
  assert.deepEqual([protocol, apiHost], ['https', 'example.com/events/v1'])
  assert.match(answer.headers['cache-control'] ?? '', /^public, /)
  assert.equal(answer.headers.vary, undefined)
  await assert.rejects(startTestServer({ publicUrl: 'ftp://example.com' }), /ftp:\/\/example\.com/)
})

test('refuses a host that is none, and takes names, addresses and ports', async () => {
  await using server = await startTestServer()
  for (const host of ['a b', '"></script>', 'a/b', 'user@host', 'a:b', 'host:123456', '-x', '[::1', 'h?x', 'é']) {
    const answer = await server.send('GET', settingsPath, { host: Buffer.from(host).toString('latin1') })
    assert.equal(answer.status, 400, host)
    assert.equal(codeOf(answer.text), 'invalid_host', host)
  }
  for (const host of ['a', 'a.b-c.example:1', '127.0.0.1:65535', '[2001:db8::1]:80', 'under_score']) {
    assert.equal((await server.send('GET', settingsPath, { host })).status, 200, host)
  }
})

test('answers 404 with a reason to an unknown key, and nobody keeps that answer', async () => {
  await using server = await startTestServer({ browserScripts: scripts })
  for (const path of [
    '/v1/projects/nope/settings',
    '/v1/projects/%/settings',
    '/sourceConfig/?writeKey=nope',
    '/sourceConfig/',
    '/analytics.js/v1/nope/analytics.min.js',
    '/v1/analytics-js/snippet/nope/analytics.min.js',
  ]) {
    const answer = await server.send('GET', path, { origin: 'https://shop.example' })
    assert.equal(answer.status, 404, path)
    assert.equal(codeOf(answer.text), 'unknown_write_key', path)
    assert.equal(answer.headers['cache-control'], 'no-store')
    // Or the page that shows the reason in its console could not read it.
    assert.equal(answer.headers['access-control-allow-origin'], 'https://shop.example')
  }
})

test("RudderStack's configuration comes by query or by authorization, and stops the client of a disabled source", async () => {
  await using server = await startTestServer({}, [testSource('web'), testSource('off', { enabled: false })])
  for (const path of ['/sourceConfig/?p=npm&writeKey=wk_web', '/sourceConfig?writeKey=wk_web']) {
    const answer = await server.send('GET', path)
    assert.equal(answer.status, 200)
    const { source } = JSON.parse(answer.text) as { source: Record<string, unknown> }
    assert.equal(source['id'], 'web')
    assert.equal(source['writeKey'], 'wk_web')
    assert.equal(source['enabled'], true)
    assert.ok(Array.isArray(source['destinations']))
    assert.equal(typeof source['config'], 'object')
  }
  const authorization = `Basic ${Buffer.from('wk_off:').toString('base64')}`
  const { text } = await server.send('GET', '/sourceConfig/', { authorization })
  assert.equal((JSON.parse(text) as { source: { enabled: boolean } }).source.enabled, false)
})

test('a disabled source has its settings and its script: a page does not break, and what it sends is kept as rejections', async () => {
  await using server = await startTestServer({ browserScripts: scripts }, [testSource('web', { enabled: false })])
  assert.equal((await server.send('GET', settingsPath)).status, 200)
  assert.equal((await server.send('GET', sdkPath)).status, 200)
})

test("the source says whose script is served; Customer.io's address always has Customer.io's", async () => {
  const settings = { ...defaultSettings, browserScript: 'customerio' as const }
  await using server = await startTestServer({ browserScripts: scripts }, [
    testSource('web'),
    testSource('cio', { settings }),
  ])
  const textAt = async (path: string): Promise<string> => (await server.send('GET', path)).text
  assert.equal(await textAt(sdkPath), 'sdk of segment for wk_web')
  assert.equal(await textAt('/analytics.js/v1/wk_cio/analytics.min.js'), 'sdk of customerio for wk_cio')
  assert.equal(await textAt(snippetPath), 'sdk of customerio for wk_web')
  assert.equal(await textAt('/analytics-next/bundles/part.1f.js'), 'part of segment')
  assert.equal(await textAt('/v1/analytics-js/part.1f.js'), 'part of customerio')
})

test('scripts are compressed for who takes gzip, and each variant has its own tag', async () => {
  await using server = await startTestServer({ browserScripts: scripts })
  const plain = await server.send('GET', sdkPath)
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(plain.headers['content-type'], 'text/javascript; charset=utf-8')
  assert.equal(plain.headers['x-content-type-options'], 'nosniff')
  assert.equal(plain.headers['cross-origin-resource-policy'], 'cross-origin')
  assert.match(plain.headers['cache-control'] ?? '', /^public, max-age=\d+$/)
  assert.equal(plain.headers.vary, 'Accept-Encoding')
  const tags = new Set([plain.headers.etag])
  for (const accepted of ['gzip', 'br, GZIP;q=0.5', '*']) {
    const { headers } = await server.send('GET', sdkPath, { 'accept-encoding': accepted })
    assert.equal(headers['content-encoding'], 'gzip', accepted)
    assert.equal(headers['content-length'], String(file('sdk of segment for wk_web').gzip.length))
    tags.add(headers.etag)
  }
  assert.equal(tags.size, 2)
  for (const accepted of ['br', 'gzip;q=0', 'gzip; q=0.0', 'xgzip']) {
    const { headers } = await server.send('GET', sdkPath, { 'accept-encoding': accepted })
    assert.equal(headers['content-encoding'], undefined, accepted)
  }
})

test('answers 304 to who has the file, and HEAD with headers only', async () => {
  await using server = await startTestServer({ browserScripts: scripts })
  for (const path of [sdkPath, settingsPath, '/analytics-next/bundles/part.1f.js']) {
    const { headers, text } = await server.send('GET', path)
    for (const tags of [headers.etag, `"x", W/${headers.etag}`, '*']) {
      const again = await server.send('GET', path, { 'if-none-match': tags })
      assert.equal(again.status, 304, path)
      assert.equal(again.text, '')
      assert.equal(again.headers.etag, headers.etag)
    }
    assert.equal((await server.send('GET', path, { 'if-none-match': '"other"' })).status, 200)
    const head = await server.send('HEAD', path)
    assert.equal(head.status, 200)
    assert.equal(head.text, '')
    assert.equal(head.headers['content-length'], String(Buffer.byteLength(text)))
  }
})

test('a part whose name changes with its bytes is kept for ever, others are not', async () => {
  await using server = await startTestServer({ browserScripts: scripts })
  const cacheOf = async (path: string) => (await server.send('GET', path)).headers['cache-control']
  assert.equal(await cacheOf('/analytics-next/bundles/part.1f.js'), 'public, max-age=31536000, immutable')
  assert.match((await cacheOf('/v1/analytics-js/part.1f.js')) ?? '', /^public, max-age=\d{1,4}$/)
})

test('says which package is missing, and that there are no scripts', async () => {
  const missing = { missing: '@segment/analytics-next' }
  await using server = await startTestServer({ browserScripts: { sdk: () => missing, chunk: () => missing } })
  for (const path of [sdkPath, '/analytics-next/bundles/part.1f.js']) {
    const answer = await server.send('GET', path)
    assert.equal(answer.status, 404)
    assert.equal(codeOf(answer.text), 'script_not_installed')
    assert.match(answer.text, /npm install @segment\/analytics-next/)
  }
  await using bare = await startTestServer()
  assert.equal((await bare.send('GET', sdkPath)).status, 404)
})

test('no path leads out of the table of scripts, and none is taken for another', async () => {
  const asked: string[] = []
  const recording: BrowserScripts = { ...scripts, chunk: (_, name) => void asked.push(name) }
  await using server = await startTestServer({ browserScripts: recording })
  for (const path of [
    '/analytics-next/bundles/../../package.json',
    '/analytics-next/bundles/',
    '/analytics-next/bundles/%2e%2e%2fpackage.json',
    '/v1/analytics-js/../secret.js',
    '/v1/analytics-js/snippet/wk_web/other.js',
    '/analytics.js/v1/wk_web/analytics.min.js/x',
    '/sourceConfig/x',
    '/v1/projects/wk_web',
  ]) {
    assert.equal((await server.send('GET', path)).status, 404, path)
  }
  assert.deepEqual(asked, ['', '%2e%2e%2fpackage.json'])
  assert.equal(documentOf('/v1/batch'), undefined)
})

test('documents take GET and HEAD, say so to other methods, and answer a preflight', async () => {
  await using server = await startTestServer({ browserScripts: scripts })
  for (const path of [settingsPath, sdkPath, '/sourceConfig/']) {
    const posted = await server.send('POST', path)
    assert.equal(posted.status, 405)
    assert.equal(posted.headers.allow, 'GET, HEAD, OPTIONS')
    const preflight = await server.send('OPTIONS', path, {
      origin: 'https://shop.example',
      'access-control-request-headers': 'authorization',
    })
    assert.equal(preflight.status, 200)
    assert.match(preflight.headers['access-control-allow-methods'] ?? '', /\bGET\b/)
    assert.equal(preflight.headers['access-control-allow-headers'], 'authorization')
  }
})

test('write keys in paths may be percent-encoded', async () => {
  await using server = await startTestServer({}, [testSource('web', { writeKeys: ['a/b"c'] })])
  const answer = await server.send('GET', '/v1/projects/a%2Fb%22c/settings')
  assert.equal(answer.status, 200)
  assert.equal((JSON.parse(answer.text) as Settings).integrations['Segment.io'].apiKey, 'a/b"c')
})
