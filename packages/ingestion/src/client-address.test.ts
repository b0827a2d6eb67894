import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientAddress, anonymizeAddress } from './client-address.ts'

test('believes no forwarded address unless a proxy is trusted, loopback included', () => {
  const none = new ClientAddress([])
  assert.equal(none.of('127.0.0.1', '203.0.113.7'), '127.0.0.1')
  assert.equal(none.of('::ffff:192.0.2.1', undefined), '192.0.2.1')
})

test('walks from the right past trusted proxies and stops at the first that is not', () => {
  const proxies = new ClientAddress(['10.0.0.0/8', '127.0.0.1', '2001:db8::/32'])
  assert.equal(proxies.of('10.1.1.1', '198.51.100.9, 203.0.113.7, 10.2.2.2'), '203.0.113.7')
  assert.equal(proxies.of('203.0.113.8', '198.51.100.9'), '203.0.113.8')
  assert.equal(proxies.of('2001:db8::5', '[2a00::7]:4711'), '2a00::7')
  assert.equal(proxies.of('::ffff:10.1.1.1', '203.0.113.7:4711'), '203.0.113.7')
  assert.equal(proxies.of('127.0.0.1', '10.3.3.3'), '10.3.3.3')
})

test('stops at what is no address', () => {
  const proxies = new ClientAddress(['10.0.0.0/8'])
  assert.equal(proxies.of('10.1.1.1', '203.0.113.7, unknown'), '10.1.1.1')
  assert.equal(proxies.of('10.1.1.1', ''), '10.1.1.1')
})

test('refuses a proxy that is no address, naming it', () => {
  assert.throws(() => new ClientAddress(['10.0.0.0/33']), /10\.0\.0\.0\/33/)
  assert.throws(() => new ClientAddress(['proxy.local']), /proxy\.local/)
})

test('shortens addresses', () => {
  assert.equal(anonymizeAddress('203.0.113.77'), '203.0.113.0')
  assert.equal(anonymizeAddress('2001:db8:85a3:8d3:1319:8a2e:370:7348'), '2001:db8:85a3::')
  assert.equal(anonymizeAddress('2001:db8::1'), '2001:db8::')
  assert.equal(anonymizeAddress('::1'), '::')
  assert.equal(anonymizeAddress('fe80::1:2:3:4'), 'fe80::')
})
