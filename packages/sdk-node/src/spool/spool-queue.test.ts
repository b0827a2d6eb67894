import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, truncateSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import type { QueuedMessage } from '@millrace/sdk-core'
import { Analytics } from '../index.ts'
import { SpoolQueue } from './spool-queue.ts'

const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-spool-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (maxBytes = 1e9): SpoolQueue => {
  const queue = new SpoolQueue({ folder, maxBytes }, () => undefined)
  queue.notedRecovered({ id: '', json: '', bytes: 0, attempts: 0 })
  return queue
}
const messageOf = (n: number, padding = 0): QueuedMessage => {
  const json = JSON.stringify({ messageId: `m-${n}`, n, padding: 'ü'.repeat(padding) })
  return { id: `m-${n}`, json, bytes: Buffer.byteLength(json), attempts: 0 }
}
const add = (queue: SpoolQueue, message: QueuedMessage): boolean => {
  const isTaken = queue.add(message)
  if (isTaken) queue.noted(message)
  return isTaken
}
const numberOf = ({ json }: QueuedMessage): number => (JSON.parse(json) as { n: number }).n
const limits = { messages: 100, bytes: 500_000 }
const takeAll = (queue: SpoolQueue): number[] => {
  const numbers: number[] = []
  for (let batch = queue.take(limits); batch.length > 0; batch = queue.take(limits))
    numbers.push(...batch.map(numberOf))
  return numbers
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

describe('the spool', () => {
  it('gives messages in order, those in memory and those on disk alone, with their ids', () => {
    const queue = open()
    for (const n of upTo(5000)) assert.ok(add(queue, messageOf(n, n % 50)))
    assert.equal(queue.waiting(), 5000)
    const first = queue.take(limits)
    assert.deepEqual(first.map(numberOf), upTo(100))
    queue.putBack(first)
    assert.deepEqual(takeAll(queue), upTo(5000))
    assert.equal(queue.waiting(), 0)
    queue.close()
  })

  it('refuses what comes when it is full, and takes again when messages are settled', () => {
    const queue = open(10_000)
    let count = 0
    while (add(queue, messageOf(count, 100))) count += 1
    assert.ok(count > 20 && count < 100)
    queue.remove(queue.take(limits))
    assert.equal(queue.fill(), 0)
    assert.ok(add(queue, messageOf(count)))
    queue.close()
  })

  it('whatever is added, taken, put back, settled and reopened, nothing is lost and nothing settled in order comes again', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), count: fc.integer({ min: 1, max: 1500 }) }),
      fc.record({ do: fc.constantFrom('take', 'settle', 'putBack', 'reopen') }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        rmSync(folder, { recursive: true, force: true })
        let queue = open()
        let added = 0
        let taken: QueuedMessage[][] = []
        const settled = new Set<number>()
        for (const each of steps) {
          if (each.do === 'add' && 'count' in each) {
            for (let count = 0; count < each.count; count++) add(queue, messageOf(added++))
          } else if (each.do === 'take') taken.push(queue.take(limits))
          else if (each.do === 'settle') {
            const batch = taken.pop() ?? []
            queue.remove(batch)
            for (const message of batch) settled.add(numberOf(message))
          } else if (each.do === 'putBack') queue.putBack(taken.pop() ?? [])
          else {
            queue.close()
            queue = open()
            taken = []
          }
        }
        queue.close()
        queue = open()
        const left = takeAll(queue)
        queue.close()
        const missing = upTo(added).filter((n) => !settled.has(n) && !left.includes(n))
        assert.deepEqual(missing, [])
        const front = upTo(added).find((n) => !settled.has(n)) ?? added
        assert.deepEqual(left, upTo(added).slice(front))
      }),
      { numRuns: 40 },
    )
  })

  it('passes over what a power cut left: half a line, zeros, a cursor that is torn', () => {
    const queue = open()
    for (const n of upTo(10)) add(queue, messageOf(n))
    // As if the process had died: the lock is the only thing that close takes away here.
    queue.close()
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.ndjson')) ?? '')
    truncateSync(file, statSync(file).size - 5)
    appendFileSync(file, `${'\0'.repeat(100)}\n{"messageId":"m-x"`)
    appendFileSync(join(folder, 'cursor'), '12')
    const again = open()
    assert.deepEqual(takeAll(again), upTo(9))
    assert.equal(again.waiting(), 0)
    again.close()
  })

  it('kill -9 loses no call that returned, and the next client sends them all', { timeout: 60_000 }, async () => {
    const numbers = new Map<number, string>()
    let isUp = false
    const server = createServer((request, response) => {
      let text = ''
      request.on('data', (chunk: Buffer) => (text += chunk.toString()))
      request.on('end', () => {
        const { batch } = JSON.parse(text) as { batch: { messageId: string; properties: { n: number } }[] }
        // The process that is killed gets some through.
        for (const { messageId, properties } of batch) {
          assert.equal(numbers.get(properties.n) ?? messageId, messageId)
          if (isUp || properties.n % 1000 < 500) numbers.set(properties.n, messageId)
        }
        response.statusCode = isUp || batch.every(({ properties }) => properties.n % 1000 < 500) ? 200 : 503
        response.end('{}')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const address = server.address()
      const host = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
      const process = spawn(globalThis.process.execPath, [child, folder, host], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(process, 'exit')
      let returned = 0
      for await (const line of createInterface({ input: process.stdout })) {
        returned = Number(line)
        if (returned >= 5000) process.kill('SIGKILL')
      }
      await exited
      assert.ok(returned >= 5000)
      isUp = true
      const analytics = new Analytics({ writeKey: 'wk', host, spool: { folder } })
      await analytics.flush()
      await analytics.close()
      assert.deepEqual(
        upTo(returned).filter((n) => !numbers.has(n)),
        [],
      )
      assert.deepEqual(readdirSync(folder), ['cursor'])
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })
})
