import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Block } from '@millrace/storage'
import { BlockWriter } from './block-writer.ts'

interface OpenAppend {
  block: Block
  resolve: () => void
  reject: (error: Error) => void
}

const setUp = () => {
  const opened: OpenAppend[] = []
  const writer = new BlockWriter(
    (bytes) =>
      new Promise<void>((resolve, reject) => opened.push({ block: new Block(Buffer.from(bytes)), resolve, reject })),
    new Uint8Array(8),
  )
  const raw = Buffer.from('{}')
  const add = (rows: number, bytes = 100) => {
    const outcome: { error?: unknown; isSettled: boolean } = { isSettled: false }
    const builder = writer.begin(rows, bytes)
    for (let i = 0; i < rows; i++) {
      builder.addMessage({ source: 's', type: 'track', receivedAtMs: 1, envelope: { messageId: `m${i}` } }, raw, 0, 2)
    }
    writer.wait({
      settled: (error) => {
        outcome.isSettled = true
        outcome.error = error
      },
    })
    return outcome
  }
  return { opened, writer, add }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('puts the rows of one turn into one block, and settles when it is durable', async () => {
  const { opened, add } = setUp()
  const [a, b] = [add(1), add(2)]
  await turn()
  assert.equal(opened.length, 1)
  assert.equal(opened[0]?.block.rowCount, 3)
  assert.equal(a.isSettled, false)
  opened[0]?.resolve()
  await turn()
  assert.deepEqual(
    [a, b],
    [
      { isSettled: true, error: undefined },
      { isSettled: true, error: undefined },
    ],
  )
})

test('opens one append at a time; what comes meanwhile waits together', async () => {
  const { opened, writer, add } = setUp()
  for (let i = 0; i < 5; i++) {
    add(1)
    await turn()
  }
  assert.equal(opened.length, 1)
  assert.ok(writer.waitingBytes > 0)
  opened[0]?.resolve()
  await turn()
  assert.equal(opened.length, 2)
  assert.equal(opened[1]?.block.rowCount, 4)
  for (const append of opened) append.resolve()
  await writer.idle()
  assert.equal(writer.waitingBytes, 0)
})

test('closes a block before it grows over its size or its rows', async () => {
  const { opened, add } = setUp()
  const rowsOf = (): number[] => opened.map(({ block }) => block.rowCount)
  const storeLast = async (): Promise<void> => {
    opened.at(-1)?.resolve()
    await turn()
  }
  add(1, 900_000)
  add(1, 900_000)
  await turn()
  assert.deepEqual(rowsOf(), [1])
  await storeLast()
  assert.deepEqual(rowsOf(), [1, 1])
  await storeLast()
  add(2500)
  add(2500)
  await turn()
  await storeLast()
  assert.deepEqual(rowsOf(), [1, 1, 2500, 2500])
})

test('tells exactly those whose block failed, and goes on', async () => {
  const { opened, writer, add } = setUp()
  const bad = add(1)
  await turn()
  const good = add(1)
  await turn()
  opened[0]?.reject(new Error('full'))
  await turn()
  opened[1]?.resolve()
  await writer.idle()
  assert.match(String(bad.error), /full/)
  assert.deepEqual(good, { isSettled: true, error: undefined })
})
