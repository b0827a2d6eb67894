import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '@millrace/component-kit'
import type { CompiledAction } from './destination-config.ts'
import type { WindowEntry } from './delivery-window.ts'
import type { Delivery } from './delivery.ts'
import { Lanes } from './lanes.ts'
import type { LanesOptions } from './lanes.ts'
import type { CheckVerdict } from './retry-policy.ts'
import { configOf } from './testing/fake-destination.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'

/** Actions with the same `deliver` share batches; each has its own unless one is given. */
const actionOf = (
  name: string,
  maxMessages: number,
  maxBytes = Number.POSITIVE_INFINITY,
  deliver: () => Promise<readonly Outcome[]> = () => Promise.resolve([]),
): CompiledAction =>
  ({ name, actionName: name, action: { deliver }, maxMessages, maxBytes }) as unknown as CompiledAction

const ok: Outcome = { status: 'delivered' }
const busy: Outcome = { status: 'retry', code: 'busy', message: 'later' }

/** Lanes with a clock that only sleeping moves, and a receiver by script. */
const rig = (
  script: (ids: string[], call: number) => Outcome | Outcome[] | Promise<Outcome[]> = () => ok,
  retryWindowMs = 10_000,
  { concurrency = 1, park = () => false }: { concurrency?: number; park?: LanesOptions['park'] } = {},
) => {
  const clock = { nowMs: 1000, stopped: false }
  const verdict: { now: CheckVerdict } = { now: 'unknown' }
  const sent: string[][] = []
  const actions: string[][] = []
  const settled: { id: string; code: OutcomeCode; attempts: number; atMs: number }[] = []
  const sleeps: number[] = []
  const failures: { code: string; nextAttemptMs: number }[] = []
  const gate = { enter: () => undefined, report: () => {}, judge: async () => verdict.now, pausedMs: () => 0 }
  const lanes = new Lanes({
    settings: () => ({
      ...configOf().delivery,
      concurrency,
      retryWindowMs,
      firstRetryDelayMs: 100,
      maxRetryDelayMs: 400,
    }),
    now: () => clock.nowMs,
    random: () => 1,
    gate,
    send: async (_, deliveries) => {
      const ids = deliveries.map(({ payload }) => payload.messageId)
      sent.push(ids)
      actions.push(deliveries.map(({ payload }) => payload.action))
      const answer = await script(ids, sent.length)
      return Array.isArray(answer) ? answer : ids.map(() => answer)
    },
    settled: ({ payload, attempts }, code) =>
      settled.push({ id: payload.messageId, code, attempts, atMs: clock.nowMs }),
    retrying: ({ code }, nextAttemptMs) => failures.push({ code, nextAttemptMs }),
    park,
    sleep: async (ms) => {
      sleeps.push(ms)
      clock.nowMs += ms
    },
    stopped: () => clock.stopped,
  })
  const push = (action: CompiledAction, ids: string, bytes = 1, key: string | null = 'p'): void => {
    for (const messageId of ids) {
      const delivery: Delivery = {
        action,
        payload: { action: action.actionName, values: {}, idempotencyKey: messageId, messageId },
        message: { messageId, type: 'track', event: 'E' } as unknown as Delivery['message'],
        source: 'web',
        receivedAtMs: 0,
        place: { block: 0, index: 0 },
        key: key ?? undefined,
        bytes,
        attempts: 0,
        history: undefined,
        firstAttemptMs: 0,
        pausedBeforeMs: 0,
        origin: { entry: {} as WindowEntry },
      }
      lanes.push(delivery)
    }
  }
  const run = async (flush: boolean): Promise<string[]> => {
    lanes.pump(flush)
    // Nothing here waits for anything but microtasks.
    for (let turn = 0; turn < 500; turn++) await Promise.resolve()
    return sent.map((ids) => ids.join(''))
  }
  return { lanes, push, run, verdict, sent, actions, settled, sleeps, failures, clock }
}

test('batches by count, and keeps a partial one until it is told that nothing more is there', async () => {
  const { lanes, push, run } = rig()
  push(actionOf('a', 3), 'abcdefgh')
  assert.deepEqual(await run(false), ['abc', 'def'])
  assert.equal(lanes.size, 2)
  assert.deepEqual(await run(true), ['abc', 'def', 'gh'])
  assert.equal(lanes.size, 0)
})

test('batches by bytes, and sends alone what is larger than the limit', async () => {
  const { push, run } = rig()
  const action = actionOf('a', 100, 10)
  push(action, 'ab', 4)
  push(action, 'c', 3)
  push(action, 'd', 50)
  push(action, 'e', 1)
  assert.deepEqual(await run(true), ['ab', 'c', 'd', 'e'])
})

test('what follows with another function waits for what is before it of the same person', async () => {
  const { push, run } = rig()
  const [one, two] = [actionOf('one', 10), actionOf('two', 10)]
  push(one, 'ab')
  push(two, 'c')
  push(one, 'd')
  assert.deepEqual(await run(false), [])
  assert.deepEqual(await run(true), ['ab', 'c', 'd'])
})

test('a batch of one function is filled past people whose turn is with another', async () => {
  const { push, run } = rig()
  const [one, two] = [actionOf('one', 2), actionOf('two', 2)]
  push(one, 'a', 1, 'p')
  push(two, 'b', 1, 'q')
  push(one, 'c', 1, 'r')
  push(two, 'd', 1, 's')
  assert.deepEqual(await run(false), ['ac', 'bd'])
})

test('people are served in the order in which they came, as many at once as are allowed, and no one in two requests', async () => {
  const open: (() => void)[] = []
  const { lanes, push, run } = rig(
    (ids) => new Promise((resolve) => open.push(() => resolve(ids.map(() => ok)))),
    10_000,
    { concurrency: 3 },
  )
  const action = actionOf('a', 1)
  push(action, 'ab', 1, 'p')
  push(action, 'c', 1, 'q')
  push(action, 'd', 1, 'r')
  push(action, 'e', 1, 's')
  assert.deepEqual(await run(true), ['a', 'c', 'd'])
  open[1]?.()
  assert.deepEqual(await run(true), ['a', 'c', 'd', 'e'])
  open[0]?.()
  assert.deepEqual(await run(true), ['a', 'c', 'd', 'e', 'b'])
  for (const each of open) each()
  await run(true)
  assert.equal(lanes.size, 0)
})

test('without a key nothing waits for anything', async () => {
  const open: (() => void)[] = []
  const script = (ids: string[]): Promise<Outcome[]> =>
    new Promise((resolve) => open.push(() => resolve(ids.map(() => ok))))
  const { push, run } = rig(script, 10_000, { concurrency: 8 })
  for (const id of 'abc') push(actionOf('a', 1), id, 1, null)
  assert.deepEqual(await run(true), ['a', 'b', 'c'])
})

test('a batch holds the deliveries of many people, and those that fail come back together', async () => {
  const { push, run, sleeps } = rig((ids, call) => ids.map((id) => (call === 1 && id !== 'b' ? busy : ok)))
  const action = actionOf('a', 4)
  for (const id of 'abcd') push(action, id, 1, id)
  push(action, 'e', 1, 'a')
  assert.deepEqual(await run(true), ['aebc', 'daec'])
  assert.deepEqual(sleeps, [100])
})

test('a lane that is taken over leaves with all that it holds, and what comes later of its key begins a new one', async () => {
  const parked: string[] = []
  const park: LanesOptions['park'] = (lane, { code }, nextAttemptMs) => {
    parked.push(`${lane.map(({ payload }) => payload.messageId).join('')} ${code} ${nextAttemptMs}`)
    return true
  }
  const { lanes, push, run } = rig(([id]) => (id === 'a' ? busy : ok), 10_000, { park })
  const action = actionOf('a', 1)
  push(action, 'ab', 1, 'p')
  push(action, 'c', 1, 'q')
  assert.deepEqual(await run(true), ['a', 'c'])
  assert.deepEqual(parked, ['ab busy 1100'])
  assert.equal(lanes.size, 0)
  push(action, 'd', 1, 'p')
  assert.deepEqual(await run(true), ['a', 'c', 'd'])
})

test('actions that share their function share batches, in order, and one that does not closes the batch', async () => {
  const { push, run, sent, actions } = rig()
  const together = () => Promise.resolve([])
  const [one, two] = [actionOf('one', 4, 100, together), actionOf('two', 4, 100, together)]
  const other = actionOf('other', 4)
  push(one, 'a')
  push(two, 'bc')
  push(one, 'de')
  push(two, 'f')
  push(other, 'g')
  push(two, 'h')
  assert.deepEqual(await run(false), ['abcd'])
  assert.deepEqual(await run(true), ['abcd', 'ef', 'g', 'h'])
  assert.deepEqual(actions, [['one', 'two', 'two', 'one'], ['one', 'two'], ['other'], ['two']])
  assert.equal(sent.length, 4)
})

test('sends again what is wanted again, before what comes after it, with growing delays', async () => {
  const { push, run, settled, sleeps, failures } = rig((_, call) => (call <= 3 ? busy : ok))
  push(actionOf('a', 2), 'abcd')
  assert.deepEqual(await run(true), ['ab', 'ab', 'ab', 'ab', 'cd'])
  assert.deepEqual(sleeps, [100, 200, 400])
  assert.deepEqual(failures[0], { code: 'busy', nextAttemptMs: 1100 })
  assert.deepEqual(
    settled.map(({ id, attempts }) => `${id}${attempts}`),
    ['a4', 'b4', 'c1', 'd1'],
  )
})

test('of a batch settles what is final and sends the rest again, in order', async () => {
  const rejected: Outcome = { status: 'rejected', code: 'bad', message: 'no' }
  const { push, run, settled } = rig((_, call) => (call === 1 ? [busy, ok, rejected, busy] : ok))
  push(actionOf('a', 4), 'abcdef')
  assert.deepEqual(await run(true), ['abcd', 'adef'])
  assert.deepEqual(
    settled.map(({ id, code }) => [id, code]),
    [
      ['b', outcomeCodes.delivered],
      ['c', outcomeCodes.deadRejected],
      ['a', outcomeCodes.delivered],
      ['d', outcomeCodes.delivered],
      ['e', outcomeCodes.delivered],
      ['f', outcomeCodes.delivered],
    ],
  )
})

test('a partial batch that is tried again does not wait for company', async () => {
  const { push, run } = rig((_, call) => (call === 1 ? [busy, ok] : ok))
  push(actionOf('a', 2), 'ab')
  assert.deepEqual(await run(false), ['ab', 'a'])
})

test('waits at least as long as the receiver asks for', async () => {
  const { push, run, sleeps } = rig((_, call) => (call === 1 ? { ...busy, afterMs: 5000 } : ok))
  push(actionOf('a', 1), 'a')
  await run(true)
  assert.deepEqual(sleeps, [5000])
})

test('what still fails when the retry window ends is dead, and the lane goes on', async () => {
  const { push, run, settled, clock } = rig(([id]) => (id === 'a' ? busy : ok), 1000)
  push(actionOf('a', 1), 'ab')
  await run(true)
  const [first, second] = settled
  assert.deepEqual([first?.id, first?.code, second?.id], ['a', outcomeCodes.deadRetryWindow, 'b'])
  assert.ok((first?.atMs ?? 0) >= 2000 && (first?.atMs ?? 0) <= 1000 + 1000 + 400)
  assert.equal(second?.code, outcomeCodes.delivered)
  assert.ok(clock.nowMs < 3000)
})

test('unauthorized without a check is tried again: credentials can be repaired', async () => {
  const { push, run, settled } = rig((_, call) =>
    call === 1 ? { status: 'unauthorized', code: '401', message: 'who?' } : ok,
  )
  push(actionOf('a', 1), 'a')
  await run(true)
  assert.deepEqual(
    settled.map(({ code }) => code),
    [outcomeCodes.delivered],
  )
})

test('stops between two attempts, with what is not settled still in it', async () => {
  const { lanes, push, run, clock, settled } = rig((_, call) => {
    if (call === 2) clock.stopped = true
    return call === 2 ? busy : ok
  })
  push(actionOf('a', 1), 'abc')
  assert.deepEqual(await run(true), ['a', 'b'])
  assert.deepEqual(
    settled.map(({ id }) => id),
    ['a'],
  )
  assert.equal(lanes.size, 2)
})

test('a pump that comes in the turn in which the lane runs dry is not lost', async () => {
  for (let delay = 0; delay < 8; delay++) {
    const { lanes, push, sent } = rig()
    const action = actionOf('a', 5)
    push(action, 'a')
    lanes.pump(true)
    // In every microtask around the end of the first batch.
    for (let turn = 0; turn < delay; turn++) await Promise.resolve()
    push(action, 'b')
    lanes.pump(true)
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    assert.deepEqual(sent.flat(), ['a', 'b'], `after ${delay} microtasks`)
  }
})

test('to flush after not finding a whole batch, in the same turn, sends', async () => {
  const { lanes, push, run } = rig()
  push(actionOf('a', 5), 'a')
  lanes.pump(false)
  assert.deepEqual(await run(true), ['a'])
})

test('unauthorized is judged by the check: dead, tried again, or held until the gate lets it go', async () => {
  const unauthorized: Outcome = { status: 'unauthorized', code: '401', message: 'who?' }
  for (const [says, expected, slept] of [
    ['passes', outcomeCodes.deadRejected, 0],
    ['unauthorized', outcomeCodes.delivered, 0],
    ['unknown', outcomeCodes.delivered, 1],
  ] as const) {
    const { push, run, settled, sleeps, verdict } = rig((_, call) => (call === 1 ? unauthorized : ok))
    verdict.now = says
    push(actionOf('a', 1), 'a')
    await run(true)
    assert.deepEqual([settled.map(({ code }) => code), sleeps.length], [[expected], slept], says)
  }
})
