import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WriteKeys, authorizationKey, bodyKey, headerKey, queryKey } from './write-key.ts'

test('takes the user of Basic authorization, with or without password and colon', () => {
  const of = (pair: string): string | undefined =>
    authorizationKey({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` })
  assert.equal(of('wk:'), 'wk')
  assert.equal(of('wk:secret'), 'wk')
  assert.equal(of('wk'), 'wk')
  assert.equal(of(':'), undefined)
  assert.equal(authorizationKey({ authorization: 'basic d2s6' }), 'wk')
  assert.equal(authorizationKey({ authorization: 'Digest d2s6' }), undefined)
})

test('takes a Bearer token as it is', () => {
  assert.equal(authorizationKey({ authorization: 'Bearer pk_us_0123456789' }), 'pk_us_0123456789')
  assert.equal(authorizationKey({ authorization: 'bearer  ' }), undefined)
})

test('takes the key from the header and the query', () => {
  assert.equal(headerKey({ 'x-write-key': 'wk:secret' }), 'wk')
  assert.equal(headerKey({ 'x-write-key': 'wk' }), 'wk')
  assert.equal(queryKey('a=1&writeKey=w%20k'), 'w k')
  assert.equal(queryKey('writekey=wk'), undefined)
})

test('ignores masked, empty and endless keys', () => {
  assert.equal(bodyKey('wk_test:***'), undefined)
  assert.equal(bodyKey(''), undefined)
  assert.equal(bodyKey('k'.repeat(300)), undefined)
  assert.equal(bodyKey(5), undefined)
  assert.equal(bodyKey('wk'), 'wk')
})

test('finds exactly the keys that were added', () => {
  const keys = new WriteKeys<number>()
  for (let i = 0; i < 5000; i++) keys.add(`key-${i}`, i)
  for (let i = 0; i < 5000; i++) assert.equal(keys.get(`key-${i}`), i)
  assert.equal(keys.get('key-5000'), undefined)
  assert.equal(keys.get(''), undefined)
})
