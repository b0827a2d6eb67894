import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAddressGuard } from './address-guard.ts'
import { targetOf } from './target.ts'

const guard = createAddressGuard([])
const codeOf = (url: string): string => {
  const target = targetOf(url, guard)
  return 'failure' in target ? target.code : 'open'
}

test('a literal private address is refused in every notation', () => {
  const urls = [
    'http://127.0.0.1/ http://127.1/ http://2130706433/ http://0x7f000001/ http://0x7f.1/ http://017700000001/',
    'http://0177.0.0.1/ http://0/ http://10.0.0.1:8080/ https://169.254.169.254/latest/meta-data http://127.0.0.1./',
    'http://[::1]/ http://[::]/ http://[::ffff:127.0.0.1]/ http://[0:0:0:0:0:ffff:7f00:1]/ http://[fe80::1]/',
    'http://[fd00::1]/ http://[64:ff9b::7f00:1]/ http://[2002:7f00:1::]/ http://１２７.０.０.１/',
  ]
  for (const url of urls.join(' ').split(' ')) assert.equal(codeOf(url), 'ADDRESS_BLOCKED', url)
})

test('only http and https without credentials are accepted', () => {
  assert.equal(codeOf('ftp://example.com/'), 'URL_SCHEME')
  assert.equal(codeOf('file:///etc/passwd'), 'URL_SCHEME')
  assert.equal(codeOf('unix:/run/x.sock'), 'URL_SCHEME')
  assert.equal(codeOf('https://user:pass@example.com/'), 'URL_CREDENTIALS')
  assert.equal(codeOf('https://user@example.com/'), 'URL_CREDENTIALS')
  assert.equal(codeOf('http://[fe80::1%25eth0]/'), 'URL_INVALID')
  assert.equal(codeOf('example.com/in'), 'URL_INVALID')
})

test('a good URL is split into origin and path, without the fragment', () => {
  assert.deepEqual(targetOf('https://example.com:8443/in?a=b#c', guard), {
    origin: 'https://example.com:8443',
    path: '/in?a=b',
  })
  assert.equal(codeOf('http://8.8.8.8/'), 'open')
  assert.equal(codeOf('http://[2606:4700::1111]/'), 'open')
})

test('a message about a URL does not repeat its path', () => {
  for (const url of ['ftp://h/SECRET', 'https://u:SECRET@h/SECRET', 'http://10.0.0.1/SECRET', '//SECRET/']) {
    const target = targetOf(url, guard)
    assert.ok('failure' in target && !target.message.includes('SECRET'), url)
  }
})
