import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Progress } from './progress.ts'

function output(isTTY: boolean) {
  const written: string[] = []
  return { written, isTTY, write: (text: string) => written.push(text) }
}

test('on a terminal rewrites one line, at most ten times a second, and ends with the last state', () => {
  const terminal = output(true)
  let nowMs = 0
  const progress = new Progress(terminal, 'Reading', () => nowMs)
  for (let done = 1; done <= 100; done += 1) {
    nowMs += 10
    progress.update(done, 200)
  }
  progress.update(200, 200)
  progress.end()
  assert.ok(terminal.written.length >= 10 && terminal.written.length <= 13, String(terminal.written.length))
  assert.ok(terminal.written.slice(0, -1).every((text) => text.startsWith('\rReading [')))
  assert.match(terminal.written.at(-2) ?? '', /#{24}\] 100 % \(200 of 200/)
  assert.equal(terminal.written.at(-1), '\n')
})

test('elsewhere writes a whole line every two seconds', () => {
  const file = output(false)
  let nowMs = 0
  const progress = new Progress(file, 'Reading', () => nowMs)
  for (let second = 1; second <= 9; second += 1) {
    nowMs += 1000
    progress.update(second * 1000)
  }
  progress.end()
  assert.ok(file.written.length >= 4 && file.written.length <= 6, file.written.join())
  assert.equal(file.written.at(-1), 'Reading: 9,000, 1,000/s\n')
  assert.ok(file.written.every((text) => text.endsWith('\n')))
})

test('shows nothing when there was nothing', () => {
  const terminal = output(true)
  new Progress(terminal, 'Reading').end()
  assert.deepEqual(terminal.written, [])
})
