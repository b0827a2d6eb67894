import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '@millrace/testkit'
import { CommitTimer } from './commit-timer.ts'

const opened = () => {
  const clock = new VirtualClock()
  const startMs = clock.now()
  const commits: number[] = []
  const timer = new CommitTimer(clock, () => commits.push(clock.now() - startMs))
  /** Lets time pass; the clock stands still when nothing is due. */
  const pass = async (ms: number): Promise<void> => {
    let isOver = false
    clock.setTimeout(() => {
      isOver = true
    }, ms)
    await clock.run(() => isOver, ms)
  }
  return { timer, commits, pass }
}

test('what was sent is committed 25 ms after the first of it', async () => {
  const { timer, commits, pass } = opened()
  timer.soon()
  await pass(20)
  timer.soon()
  timer.later()
  await pass(500)
  assert.deepEqual(commits, [25])
  timer.soon()
  await pass(500)
  assert.deepEqual(commits, [25, 545])
})

test('what only passed by waits for 250 ms, or for the first that is sent', async () => {
  const { timer, commits, pass } = opened()
  timer.later()
  await pass(100)
  timer.later()
  await pass(400)
  assert.deepEqual(commits, [250])
  timer.later()
  await pass(10)
  timer.soon()
  await pass(500)
  assert.deepEqual(commits, [250, 535])
})

test('a commit now takes the place of the one that was due, and none comes after the end', async () => {
  const { timer, commits, pass } = opened()
  timer.soon()
  timer.now()
  await pass(500)
  assert.deepEqual(commits, [0])
  timer.soon()
  timer.stop()
  await pass(500)
  assert.deepEqual(commits, [0])
})
