import assert from 'node:assert/strict'
import type { SystemCall } from './system-calls.ts'

/**
 * For each message: its request was read from a connection, its bytes were written to a file of the log, that file was
 * synced after the write and successfully, and only then 200 was written to that connection.
 * @returns how many answers were seen to be so.
 */
export const assertDurableBeforeAnswer = (calls: readonly SystemCall[], messageIds: readonly string[]): number => {
  const answers = new Set<SystemCall>()
  for (const id of messageIds) {
    const read = calls.find(({ name, file, text }) => name === 'read' && isSocket(file) && text.includes(id))
    assert.ok(read !== undefined, `the request with ${id} was not seen`)
    const answer = calls.find(
      ({ name, file, text, began }) =>
        began > read.began && isWrite(name) && file === read.file && text.includes('HTTP/1.1 '),
    )
    assert.ok(
      answer !== undefined && answer.text.includes('HTTP/1.1 200'),
      `the request with ${id} was not answered with 200`,
    )
    const written = calls.find(({ name, file, text }) => isWrite(name) && isLog(file) && text.includes(id))
    assert.ok(written !== undefined, `${id} was acknowledged and is not in the log`)
    assert.ok(written.ended < answer.began, `${id} was acknowledged before it was written`)
    const synced = calls.find(
      ({ name, file, text, began }) =>
        (name === 'fdatasync' || name === 'fsync') &&
        file === written.file &&
        began > written.ended &&
        / = 0\b/.test(text),
    )
    assert.ok(synced !== undefined, `${id} was acknowledged and its file was never synced`)
    assert.ok(synced.ended < answer.began, `${id} was acknowledged before its file was synced`)
    answers.add(answer)
  }
  return answers.size
}

const isSocket = (file: string): boolean => file.startsWith('socket:') || file.startsWith('TCP')
const isLog = (file: string): boolean => /\/log\/[^/]+\.log$/.test(file)
const isWrite = (name: string): boolean => /^(p?write|send)/.test(name)
