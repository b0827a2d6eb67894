import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { VirtualClock } from '@millrace/testkit'
import { RateLimit, limitRequests } from './rate-limit.ts'
import { FakeDestination, configOf } from './testing/fake-destination.ts'
import { opened, rowsOf, startRunner } from './testing/start-runner.ts'

test('within any second no more than the rate and a tenth of it, and no less than the rate while there is enough to do', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 300 })), { minLength: 1 }),
      (perSecond, asked) => {
        const limit = new RateLimit(() => perSecond)
        let nowMs = 1_000_000
        let isBusy = true
        const times: number[] = []
        for (const [count, pauseMs] of asked) {
          for (let one = 0; one < count; one++) times.push(nowMs + limit.reserve(1, nowMs))
          isBusy &&= (times.at(-1) as number) >= nowMs + pauseMs
          nowMs += pauseMs
        }
        for (const [index, atMs] of times.entries()) {
          const within = times.slice(index).filter((later) => later < atMs + 1000).length
          // Times are whole milliseconds, so one more may fall into it.
          assert.ok(within <= Math.ceil(perSecond * 1.1) + 1, `${within} in a second, of ${perSecond}`)
        }
        assert.deepEqual(
          times,
          [...times].sort((a, b) => a - b),
          'in the order in which they asked',
        )
        const first = times[0] as number
        const last = times.at(-1) as number
        if (isBusy) assert.ok(last - first <= ((times.length - 1) * 1000) / perSecond + 1)
      },
    ),
  )
})

test('without a limit nobody waits, and a changed rate holds from then on', () => {
  let perSecond = 0
  const limit = new RateLimit(() => perSecond)
  for (let index = 0; index < 1000; index++) assert.equal(limit.reserve(1, 50_000), 0)
  perSecond = 1
  assert.equal(limit.reserve(1, 50_000), 0)
  assert.equal(limit.reserve(1, 50_000), 900)
})

test('a request that waits for its turn when the destination stops is not sent', async () => {
  const clock = new VirtualClock()
  const abort = new AbortController()
  let sent = 0
  const inner = {
    request: async () => {
      sent++
      return { status: 200, headers: {}, text: '' }
    },
  }
  const client = limitRequests(() => inner, new RateLimit(() => 1), clock, abort.signal)
  const request = { method: 'GET', url: 'https://receiver.test/' } as const
  await client.request(request)
  const waiting = client.request(request)
  abort.abort()
  assert.deepEqual({ code: '', ...(await waiting) }.code, 'NOT_SENT')
  assert.equal(sent, 1)
})

test('messages keep to their rate, which is what the user says or else what the service asks for', async () => {
  for (const [declared, given, expectedMs] of [
    [undefined, undefined, 0],
    [10, undefined, 10_000],
    [10, 100, 1_000],
    [10, 0, 0],
  ] as const) {
    const clock = new VirtualClock()
    const startMs = clock.now()
    const scene = await opened(rowsOf(100))
    const fake = new FakeDestination({ maxMessages: 5 })
    if (declared !== undefined) Object.assign(fake.destination, { rateLimit: { messagesPerSecond: declared } })
    const config = configOf({
      delivery: { ...configOf().delivery, ...(given !== undefined && { messagesPerSecond: given }) },
    })
    const feed = scene.newFeed({ clock })
    const { runner, stop } = await startRunner(scene, fake, { config, clock, feed })
    let endedMs = 0
    const done = await clock.run(() => {
      if (fake.accepted.length === 100 && endedMs === 0) endedMs = clock.now() - startMs
      return runner.status().cursor.block === 1
    }, 60_000)
    assert.ok(done)
    assert.ok(endedMs >= 0.85 * expectedMs && endedMs <= 1.1 * expectedMs + 100, `${endedMs} ms of ${expectedMs}`)
    await stop()
  }
})
