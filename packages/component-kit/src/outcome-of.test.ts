import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HttpFailure } from './http.ts'
import { outcomeOf } from './outcome-of.ts'
import { parseRetryAfter } from './retry-after.ts'

const now = Date.UTC(2026, 0, 2, 3, 4, 5)
const answer = (status: number, text = '', headers = {}) => outcomeOf({ status, headers, text }, () => now)

describe('outcomeOf', () => {
  it('judges every status', () => {
    const retried = new Set([408, 423, 425, 429])
    for (let status = 100; status < 700; status += 1) {
      let expected = 'rejected'
      if (status >= 200 && status < 300) expected = 'delivered'
      else if (status === 401 || status === 403) expected = 'unauthorized'
      else if (retried.has(status) || (status >= 500 && status < 600 && status !== 501)) expected = 'retry'
      assert.equal(answer(status).status, expected, String(status))
    }
  })

  it('takes Retry-After in seconds and as a date', () => {
    assert.deepEqual(answer(429, 'slow down', { 'retry-after': '30' }), {
      status: 'retry',
      code: 'http_429',
      message: 'The receiver answered 429: slow down',
      afterMs: 30_000,
    })
    const dated = answer(503, '', { 'retry-after': 'Fri, 02 Jan 2026 03:05:05 GMT' })
    assert.deepEqual(dated, {
      status: 'retry',
      code: 'http_503',
      message: 'The receiver answered 503',
      afterMs: 60_000,
    })
    assert.ok(!('afterMs' in answer(503, '', { 'retry-after': 'soon' })))
  })

  it('says that redirects are not followed, and where they lead', () => {
    const outcome = answer(301, '', { location: 'https://example.com/new' })
    assert.ok('message' in outcome)
    assert.match(outcome.message, /to https:\/\/example\.com\/new; redirects are not followed/)
  })

  it('quotes the first 200 characters of the body', () => {
    const outcome = answer(400, `${'a'.repeat(200)}b`)
    assert.ok('message' in outcome)
    assert.equal(outcome.message, `The receiver answered 400: ${'a'.repeat(200)}`)
  })

  it('retries what the network did and rejects what will not change', () => {
    const statusOf = (failure: HttpFailure['failure']) => outcomeOf({ failure, code: 'E', message: 'm' }).status
    assert.equal(statusOf('network'), 'retry')
    assert.equal(statusOf('timeout'), 'retry')
    assert.equal(statusOf('blocked'), 'rejected')
    assert.equal(statusOf('too_large'), 'rejected')
  })
})

describe('Retry-After', () => {
  it('is read in each form of an HTTP date', () => {
    for (const text of [
      'Fri, 02 Jan 2026 03:04:15 GMT',
      'Friday, 02-Jan-26 03:04:15 GMT',
      'Fri Jan  2 03:04:15 2026',
    ]) {
      assert.equal(parseRetryAfter(text, now), 10_000, text)
    }
  })

  it('is bounded on both sides', () => {
    assert.equal(parseRetryAfter('Thu, 01 Jan 1970 00:00:00 GMT', now), 0)
    assert.equal(parseRetryAfter('9'.repeat(400), now), 604_800_000)
    assert.equal(parseRetryAfter('0.5', now), 500)
  })

  it('is ignored when it is absent or neither', () => {
    assert.equal(parseRetryAfter(undefined, now), undefined)
    for (const text of ['', '-5', '5 s', 'Fri, never', '2026-01-02']) {
      assert.equal(parseRetryAfter(text, now), undefined, text)
    }
  })
})
