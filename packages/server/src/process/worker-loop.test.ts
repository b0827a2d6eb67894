import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from './worker-loop.ts'

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

const fail = (error: unknown): void => assert.fail(String(error))

test('runs until a step says that there is no more, and again for each wake', async () => {
  let left = 3
  let steps = 0
  const worker = new Worker({
    step: async () => {
      steps++
      return --left > 0
    },
    onError: fail,
  })
  worker.wake()
  await turns(20)
  assert.equal(steps, 3)
  left = 1
  worker.wake()
  await turns(20)
  assert.equal(steps, 4)
  await worker.stop()
})

test('loses no wake, whenever it comes', async () => {
  for (let delay = 0; delay < 12; delay++) {
    let steps = 0
    const worker = new Worker({
      step: async () => {
        steps++
        return false
      },
      onError: fail,
    })
    worker.wake()
    // Microtasks, not turns: the wake falls between any two lines of the loop.
    for (let turn = 0; turn < delay; turn++) await Promise.resolve()
    const before = steps
    worker.wake()
    await turns(20)
    assert.ok(steps > before, `a wake after ${delay} microtasks`)
    await worker.stop()
  }
})

test('gathers wakes between steps', async () => {
  let steps = 0
  const worker = new Worker({
    step: async () => {
      steps++
      return false
    },
    onError: fail,
    gatherMs: 20,
  })
  const until = performance.now() + 100
  while (performance.now() < until) {
    worker.wake()
    await turns(1)
  }
  assert.ok(steps >= 2 && steps <= 6, `${steps} steps in 100 ms`)
  const before = steps
  worker.wake()
  await new Promise((resolve) => setTimeout(resolve, 60))
  assert.ok(steps > before, 'the last wake is not forgotten')
  await worker.stop()
})

test('tries a failed step again by itself, and says since when it fails', async () => {
  let fails = 2
  let steps = 0
  const errors: unknown[] = []
  const worker = new Worker({
    step: async () => {
      steps++
      if (fails-- > 0) throw new Error('the disk is full')
      return false
    },
    onError: (error) => errors.push(error),
  })
  worker.wake()
  await turns(5)
  assert.equal(typeof worker.stuckSinceMs, 'number')
  assert.match(String(worker.lastError), /disk is full/)
  const done = (): boolean => steps >= 3
  for (let wait = 0; wait < 100 && !done(); wait++) await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(steps, 3)
  assert.equal(errors.length, 2)
  await turns(5)
  assert.equal(worker.stuckSinceMs, undefined)
  await worker.stop()
})

test('begins no step after it was stopped', async () => {
  let steps = 0
  const worker = new Worker({
    step: async () => {
      steps++
      return true
    },
    onError: fail,
  })
  worker.wake()
  await turns(3)
  await worker.stop()
  const before = steps
  worker.wake()
  await turns(5)
  assert.equal(steps, before)
})
