import assert from 'node:assert/strict'
import { it } from 'node:test'
import { LogUnavailableError } from '@millrace/storage'
import { testEventLog } from './conformance/event-log.ts'
import { MemoryEventLog } from './memory-event-log.ts'

testEventLog<MemoryEventLog[]>('MemoryEventLog', {
  create: async () => [],
  open: async () => new MemoryEventLog(),
  remove: async () => {},
  survivesRestart: { reason: 'the log lives in memory' },
  failNextAppend: (_, log) => (log as MemoryEventLog).failNextAppend(new Error('no space')),
  readerProgram: { reason: 'the log lives in the memory of one process' },
})

it('fails as many appends as it was told to, each with its own cause', async () => {
  const log = new MemoryEventLog()
  log.failNextAppend(new Error('first'))
  log.failNextAppend(new LogUnavailableError('second'))
  const block = Buffer.from('x')
  await assert.rejects(log.append([block]), { name: 'LogUnavailableError', message: /first/ })
  await assert.rejects(log.append([block]), { message: 'second' })
  assert.deepEqual(await log.append([block]), [0])
})
