import type { Outcome } from '@millrace/component-kit'
import type { Json } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { resolvePath } from './resolve-path.ts'
import { write } from './write.ts'

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-file-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

const deliver = (path: string, dataDirectory: string, ...data: Json[]): Promise<readonly Outcome[]> =>
  write.deliver(
    {
      settings: { path },
      http: { request: () => assert.fail('nothing is sent') },
      signal: new AbortController().signal,
      now: () => 0,
      destinationId: 'file',
      dataDirectory,
    },
    data.map((each, index) => ({
      action: 'write',
      values: { data: each },
      idempotencyKey: `key-${index}`,
      messageId: `m-${index}`,
    })),
  )

test('each message becomes a line, in order, in a data folder that need not exist yet', async (t) => {
  const folder = join(await temporaryFolder(t), 'new')
  assert.deepEqual(await deliver('a/out.ndjson', folder, { a: 'x\ny' }, 2), [
    { status: 'delivered' },
    { status: 'delivered' },
  ])
  await deliver('a/out.ndjson', folder, null)
  assert.equal(await readFile(join(folder, 'a/out.ndjson'), 'utf8'), '{"a":"x\\ny"}\n2\nnull\n')
})

test('an absolute path is taken as it is', async (t) => {
  const folder = await temporaryFolder(t)
  await deliver(join(folder, 'b.ndjson'), '/nowhere', { a: 1 })
  assert.equal(await readFile(join(folder, 'b.ndjson'), 'utf8'), '{"a":1}\n')
})

test('a relative path does not leave the data folder', () => {
  for (const path of ['..', '../x', 'a/../../x', '', '.', 'a/..', 'x\0y'])
    assert.equal(resolvePath(path, '/data'), undefined, path)
  assert.equal(resolvePath('a/../b', '/data'), '/data/b')
  assert.equal(resolvePath('..b', '/data'), '/data/..b')
})

test('what the file system refuses is an outcome with its code: sent again, or the user is asked', async (t) => {
  const folder = await temporaryFolder(t)
  await mkdir(join(folder, 'taken'))
  const cases: [string, string, string][] = [
    ['taken', 'retry', 'EISDIR'],
    [join(folder, 'missing/x.ndjson'), 'retry', 'ENOENT'],
    ['../x', 'unauthorized', 'invalid_settings'],
  ]
  // Linux gives ENOSPC for every write to /dev/full, after the checks before it.
  if (process.platform === 'linux') cases.push(['/dev/full', 'retry', 'ENOSPC'])
  for (const [path, status, code] of cases) {
    const [outcome] = await deliver(path, folder, { a: 1 })
    assert.ok(outcome !== undefined && outcome.status !== 'delivered')
    assert.deepEqual([outcome.status, outcome.code], [status, code], path)
  }
})
