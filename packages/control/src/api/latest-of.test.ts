import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { latestOf } from './latest-of.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('the latest of many notes', () => {
  it('is what a slow reader gets, then the result', async () => {
    const notes = latestOf<number, string>(async (note) => {
      note(1)
      await turn()
      for (let value = 2; value <= 1000; value++) note(value)
      return 'done'
    })
    assert.deepEqual(await notes.next(), { value: 1, done: false })
    await turn()
    await turn()
    assert.deepEqual(await notes.next(), { value: 1000, done: false })
    assert.deepEqual(await notes.next(), { value: 'done', done: true })
  })

  it('may be left by its reader before the work fails', async () => {
    let fail: (error: Error) => void = () => undefined
    const notes = latestOf<number, string>((note) => {
      note(1)
      return new Promise((_, reject) => {
        fail = reject
      })
    })
    for await (const value of notes) {
      assert.equal(value, 1)
      break
    }
    const unhandled: unknown[] = []
    const listen = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', listen)
    fail(new Error('cancelled'))
    await turn()
    await turn()
    process.off('unhandledRejection', listen)
    assert.deepEqual(unhandled, [])
  })

  it('passes on the failure to who reads to the end', async () => {
    const notes = latestOf<number, string>(() => Promise.reject(new Error('broken')))
    await assert.rejects(notes.next(), /broken/)
  })
})
