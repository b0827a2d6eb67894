import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ClientAddress } from './client-address.ts'
import { documentOf } from './documents.ts'
import { parsePublicUrl, publicAddressOf } from './public-address.ts'

const proxies = new ClientAddress(['10.0.0.1'])

test('reads a public URL with port and path, and nothing that is more than an address', () => {
  assert.deepEqual(parsePublicUrl('https://events.example.com'), { protocol: 'https', host: 'events.example.com' })
  assert.deepEqual(parsePublicUrl('http://[::1]:8420/a/b/'), { protocol: 'http', host: '[::1]:8420/a/b' })
  assert.deepEqual(parsePublicUrl('https://example.com:443/'), { protocol: 'https', host: 'example.com' })
  for (const text of ['events.example.com', 'ws://a', 'https://u:p@a', 'https://a/?b', 'https://a/#b', '']) {
    assert.equal(parsePublicUrl(text), undefined, text)
  }
})

test('whatever a client writes as host, an address has only characters of names, addresses and ports', () => {
  const header = fc.oneof(fc.string({ unit: 'binary' }), fc.webAuthority(), fc.domain(), fc.ipV4(), fc.ipV6())
  let accepted = 0
  fc.assert(
    fc.property(header, header, fc.constantFrom('10.0.0.1', '192.0.2.1', undefined), (host, forwarded, remote) => {
      const headers = { host, 'x-forwarded-host': forwarded, 'x-forwarded-proto': forwarded }
      const address = publicAddressOf(headers, remote, proxies)
      if (address === undefined) return
      accepted++
      assert.match(address.host, /^[\w.:[\]-]+$/)
      assert.equal(address.protocol, 'http')
      if (remote !== '10.0.0.1') assert.equal(address.host, host)
    }),
  )
  assert.ok(accepted > 0)
})

test('reads any path without a throw', () => {
  const part = fc.constantFrom(
    '',
    'v1',
    'projects',
    'settings',
    'analytics-js',
    'snippet',
    'analytics.min.js',
    '%zz',
    '..',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string({ unit: 'binary' })), { maxLength: 8 }), (parts) => {
      const wanted = documentOf(`/${parts.join('/')}`)
      if (wanted?.kind === 'chunk') assert.equal(wanted.name.includes('/'), false)
    }),
  )
})
