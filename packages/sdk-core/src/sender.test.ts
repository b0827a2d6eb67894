import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Answer } from './answer.ts'
import { createFakeRuntime, settled } from './fake-runtime.ts'
import { createMemoryQueue } from './memory-queue.ts'
import type { QueuedMessage, Settlement } from './message-queue.ts'
import { createSender } from './sender.ts'
import type { SenderOptions } from './sender.ts'

/** A sender whose requests the test answers. */
const rig = (options: Partial<SenderOptions> = {}) => {
  const runtime = createFakeRuntime()
  const queue = createMemoryQueue({ maxMessages: 10_000, maxBytes: 10_000_000 })
  const requests: { ids: string[]; at: number; answer: (answer: Answer | Error) => Promise<void> }[] = []
  const settlements = new Map<string, Settlement>()
  const started = runtime.now()
  const sender = createSender({
    queue,
    runtime,
    flushAt: 3,
    flushIntervalMs: 1000,
    send: (batch) =>
      new Promise((resolve, reject) => {
        requests.push({
          ids: batch.map(({ id }) => id),
          at: runtime.now() - started,
          answer: async (answer) => {
            if (answer instanceof Error) reject(answer)
            else resolve(answer)
            await settled()
          },
        })
      }),
    ...options,
  })
  const add = (...ids: string[]): void => {
    for (const id of ids) {
      const message: QueuedMessage = { id, json: `{"id":"${id}"}`, bytes: 10, attempts: 0 }
      message.settled = (settlement) => settlements.set(id, settlement)
      queue.add(message)
      sender.added(message)
    }
  }
  return { runtime, queue, sender, requests, settlements, add }
}
const ok: Answer = { status: 200 }

describe('a sender', () => {
  it('sends at once when enough wait, and the rest when the interval is over', async () => {
    const { add, requests, runtime } = rig()
    add('a', 'b')
    await settled()
    assert.equal(requests.length, 0)
    add('c')
    assert.deepEqual(requests[0]?.ids, ['a', 'b', 'c'])
    add('d')
    await requests[0].answer(ok)
    assert.equal(requests.length, 1, 'one that is alone waits for its interval')
    await runtime.pass(1000)
    assert.deepEqual(requests[1]?.ids, ['d'])
  })

  it('keeps batches within count and bytes, and always sends at least one message', async () => {
    const { add, requests, sender } = rig({ limits: { messages: 2, bytes: 1000 } })
    add('a', 'b', 'c')
    void sender.flush()
    await requests[0]?.answer(ok)
    assert.deepEqual(
      requests.map(({ ids }) => ids),
      [['a', 'b'], ['c']],
    )
    const small = rig({ limits: { messages: 100, bytes: 22 } })
    small.add('a', 'b', 'c')
    void small.sender.flush()
    assert.deepEqual(small.requests[0]?.ids, ['a', 'b'], 'two messages of 10 bytes and their commas')
    const tiny = rig({ limits: { messages: 100, bytes: 1 } })
    tiny.add('a')
    void tiny.sender.flush()
    assert.deepEqual(tiny.requests[0]?.ids, ['a'])
  })

  it('sends the same messages again after a pause with jitter, which grows with each failure', async () => {
    const { add, requests, runtime, settlements } = rig()
    add('a', 'b', 'c')
    await requests[0]?.answer({ status: 500 })
    await runtime.pass(499)
    assert.equal(requests.length, 1)
    await runtime.pass(1)
    assert.deepEqual([requests[1]?.ids, requests[1]?.at], [['a', 'b', 'c'], 500])
    await requests[1]?.answer(new Error('no network'))
    await runtime.pass(1000)
    assert.deepEqual(requests[2]?.at, 1500)
    assert.equal(settlements.size, 0)
    await requests[2]?.answer(ok)
    assert.deepEqual(settlements.get('c'), { kind: 'delivered', status: 200 })
    assert.equal(settlements.size, 3)
  })

  it('waits as long as Retry-After says, also when it is woken meanwhile', async () => {
    const { add, requests, runtime, sender } = rig()
    add('a', 'b', 'c')
    await requests[0]?.answer({ status: 429, retryAfter: '7' })
    sender.wake()
    void sender.flush()
    add('d', 'e', 'f')
    await runtime.pass(6999)
    assert.equal(requests.length, 1)
    await runtime.pass(1)
    assert.deepEqual(requests[1]?.ids, ['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('tries at once when it is woken in a pause of its own', async () => {
    const { add, requests, sender } = rig()
    add('a', 'b', 'c')
    await requests[0]?.answer(new Error('offline'))
    sender.wake()
    assert.equal(requests.length, 2)
  })

  it('gives a message up after its attempts, and one that is refused at once', async () => {
    const { add, requests, runtime, settlements, queue } = rig({ maxAttempts: 2 })
    add('a', 'b', 'c')
    await requests[0]?.answer({ status: 503 })
    add('d')
    await runtime.pass(60_000)
    await requests[1]?.answer({ status: 503 })
    assert.deepEqual(settlements.get('a'), { kind: 'given_up', status: 503 })
    assert.equal(settlements.has('d'), false)
    await runtime.pass(60_000)
    assert.deepEqual(requests[2]?.ids, ['d'])
    await requests[2]?.answer({ status: 400 })
    assert.deepEqual(settlements.get('d'), { kind: 'refused', status: 400 })
    assert.equal(queue.size(), 0)
  })

  it('sends less at a time when something on the way finds a batch too large', async () => {
    const { add, requests } = rig()
    add('a', 'b', 'c')
    await requests[0]?.answer({ status: 413 })
    assert.deepEqual(requests[1]?.ids, ['a', 'b'])
  })

  it('has as many requests at a time as it may, and one after a failure', async () => {
    const { add, requests, runtime } = rig({ concurrency: 2, limits: { messages: 3, bytes: 1000 } })
    add('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i')
    assert.equal(requests.length, 2)
    await requests[0]?.answer({ status: 500 })
    await requests[1]?.answer({ status: 500 })
    await runtime.pass(60_000)
    assert.equal(requests.length, 3)
    await requests[2]?.answer(ok)
    assert.equal(requests.length, 5)
  })

  it('resolves a flush when what came before it is settled, whatever comes after', async () => {
    const { add, requests, sender } = rig()
    add('a')
    let isFlushed = false
    const flushed = sender.flush().then(() => (isFlushed = true))
    add('b')
    await settled()
    assert.equal(isFlushed, false)
    await requests[0]?.answer(ok)
    await flushed
    assert.deepEqual(requests[0]?.ids, ['a'])
    await rig().sender.flush()
  })

  it('closes within one more request for each message, without a pause', async () => {
    const { add, requests, sender, settlements, runtime } = rig()
    add('a', 'b', 'c')
    await requests[0]?.answer({ status: 429, retryAfter: '60' })
    const closed = sender.close()
    await requests[1]?.answer({ status: 500 })
    await closed
    assert.deepEqual(settlements.get('a'), { kind: 'given_up', status: 500 })
    assert.equal(runtime.timers(), 0)
  })

  it('sends nothing while another sender of the queue is at work', async () => {
    const turns: (() => void)[] = []
    const { add, requests } = rig({
      exclusively: async (task) => {
        await new Promise<void>((resolve) => turns.push(resolve))
        await task()
      },
    })
    add('a', 'b', 'c')
    await settled()
    assert.equal(requests.length, 0)
    turns[0]?.()
    await settled()
    assert.deepEqual(requests[0]?.ids, ['a', 'b', 'c'])
  })
})
