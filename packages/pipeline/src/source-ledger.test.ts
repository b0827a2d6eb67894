import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { encodeResolution, resolveState } from '@millrace/storage'
import type { StateTransaction } from '@millrace/storage'
import { MemoryEventLog, MemoryStateStore, removeFolder, temporaryFolder } from '@millrace/testkit'
import { sourceLedgers, verifySourceLedgers } from './source-ledger.ts'
import { blockOfRows } from './testing/block-of-rows.ts'
import { openResolver, resolveAll } from './testing/resolving.ts'

const directory = await temporaryFolder()
after(() => removeFolder(directory))

const resolvedLog = async (): Promise<{ log: MemoryEventLog; state: MemoryStateStore }> => {
  const log = new MemoryEventLog()
  const state = new MemoryStateStore()
  for (let block = 0; block < 8; block++) {
    await log.append([
      blockOfRows([
        { id: `w${block}` },
        { id: `a${block}`, source: 'app' },
        { id: 'again' },
        { rejected: 'unknown_key', source: '', count: 4 },
        { rejected: 'too_deep' },
      ]),
    ])
  }
  await resolveAll(await openResolver({ log, state, directory }), log)
  return { log, state }
}

const verify = async (log: MemoryEventLog, state: MemoryStateStore): Promise<string[]> => {
  const { problems } = await verifySourceLedgers(log, state, () => {}, new AbortController().signal)
  return problems.map(({ where, message }) => `${where}: ${message}`)
}

test('counts each source up to the cursor and, apart, what waits for the resolve stage', async () => {
  const { log, state } = await resolvedLog()
  await log.append([blockOfRows([{ id: 'late' }, { id: 'w0' }, { rejected: 'too_deep', source: 'app' }])])
  const empty = { dropped: {}, unresolved: 0 }
  assert.deepEqual(await sourceLedgers(log, state), [
    { ...empty, source: '', accepted: 0, duplicate: 0, resolved: 0, rejected: { unknown_key: 32 } },
    { ...empty, source: 'app', accepted: 8, duplicate: 0, resolved: 8, rejected: { too_deep: 1 } },
    { ...empty, source: 'web', accepted: 18, duplicate: 7, resolved: 9, unresolved: 2, rejected: { too_deep: 8 } },
  ])
})

test('an untouched state has no problem, and the recount says how far it is', async () => {
  const { log, state } = await resolvedLog()
  const progress: [number, number][] = []
  const result = await verifySourceLedgers(log, state, (...at) => progress.push(at), new AbortController().signal)
  assert.deepEqual(result, { problems: [], messagesRead: 24 })
  assert.deepEqual(progress.at(-1), [7, 8])
})

const inconsistencies: { name: string; write: (tx: StateTransaction) => void; found: RegExp }[] = [
  {
    name: 'a record that is gone',
    write: (tx) => tx.delete(resolveState.resolutions, [3]),
    found: /^block 3: .*no resolution record/,
  },
  {
    name: 'a record that forgot a duplicate',
    write: (tx) => tx.put(resolveState.resolutions, [3], encodeResolution({ workspaceVersion: 1, resolved: 3 })),
    found: /^duplicate\/web: the log and the counter differ/,
  },
  {
    name: 'a record that blames another source',
    write: (tx) =>
      tx.put(resolveState.resolutions, [3], encodeResolution({ workspaceVersion: 1, resolved: 2, duplicates: [1] })),
    found: /^duplicate\/app: the log and the counter differ/,
  },
  {
    name: 'a record with a wrong number',
    write: (tx) =>
      tx.put(resolveState.resolutions, [3], encodeResolution({ workspaceVersion: 1, resolved: 3, duplicates: [2] })),
    found: /^block 3: .*another number/,
  },
  {
    name: 'a cursor that went on without the counters',
    write: (tx) => tx.setCursor(resolveState.consumer, { block: 7, index: 0 }, { rewind: true }),
    found: /^accepted\/web: the log and the counter differ/,
  },
  ...['accepted/web', 'duplicate/web', 'resolved/app', 'rejected//unknown_key', 'accepted/nobody'].map((counter) => ({
    name: `the counter ${counter}`,
    write: (tx: StateTransaction) => tx.add(counter, -1),
    found: new RegExp(`^${counter}: the log and the counter differ`),
  })),
]

for (const { name, write, found } of inconsistencies) {
  test(`the recount finds ${name}`, async () => {
    const { log, state } = await resolvedLog()
    await state.transaction(write)
    const problems = await verify(log, state)
    assert.ok(
      problems.some((problem) => found.test(problem)),
      problems.join('\n'),
    )
  })
}

test('the recount ends when it is told to', async () => {
  const { log, state } = await resolvedLog()
  await assert.rejects(
    verifySourceLedgers(log, state, () => {}, AbortSignal.abort(new Error('enough'))),
    /enough/,
  )
})
