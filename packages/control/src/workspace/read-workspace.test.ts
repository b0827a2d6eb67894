import assert from 'node:assert/strict'
import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { MillraceError } from '@millrace/protocol'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { readWorkspaceFile } from './read-workspace.ts'

describe('reading a configuration file', () => {
  let folder = ''
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => removeFolder(folder))

  const read = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    return readWorkspaceFile(join(folder, name))
  }

  it('takes JSON, YAML and the default export of a typed module', async () => {
    const document = { sources: { web: { type: 'http', writeKeys: ['a'] } } }
    assert.deepEqual(await read('a.json', JSON.stringify(document)), document)
    assert.deepEqual(await read('a.yaml', 'sources:\n  web: { type: http, writeKeys: [a] }\n'), document)
    const module = `const keys: readonly string[] = ['a']\nexport default { sources: { web: { type: 'http', writeKeys: keys } } }`
    assert.deepEqual(await read('a.ts', module), document)
  })

  it('reads a module anew after it was changed', async () => {
    assert.deepEqual(await read('b.ts', 'export default { n: 1 }'), { n: 1 })
    await writeFile(join(folder, 'b.ts'), 'export default { n: 2 }')
    await utimes(join(folder, 'b.ts'), 1, 1)
    assert.deepEqual(await readWorkspaceFile(join(folder, 'b.ts')), { n: 2 })
  })

  const bad: [title: string, name: string, text: string, message: RegExp][] = [
    ['broken JSON', 'c.json', '{"a": }', /c\.json is not JSON/],
    ['a key written twice in JSON', 'd.json', '{\n  "a": { "b": 1,\n    "b": 2 } }', /d\.json line 3, column 5/],
    ['broken YAML', 'e.yaml', 'a: [', /e\.yaml line 1/],
    ['a key written twice in YAML', 'f.yml', 'a: 1\na: 2', /f\.yml line 2, column 1/],
    ['many aliases of aliases', 'g.yaml', bomb(), /g\.yaml cannot be read: Excessive alias count/],
    ['an unknown extension', 'h.toml', '', /"\.toml"; name it/],
    ['a module without default export', 'i.ts', 'export const a = 1', /no default export/],
    ['a module that throws', 'j.ts', 'throw new Error("oh")', /j\.ts cannot be loaded: oh/],
  ]
  for (const [title, name, text, message] of bad) {
    it(`refuses ${title}, naming the file`, async () => {
      await assert.rejects(read(name, text), (error: unknown) => {
        assert.ok(error instanceof MillraceError)
        assert.equal(error.code, 'invalid_workspace')
        assert.match(error.message, message)
        return true
      })
    })
  }

  it('refuses a file that is not there', async () => {
    await assert.rejects(readWorkspaceFile(join(folder, 'none.json')), /none\.json cannot be read: ENOENT/)
    await assert.rejects(readWorkspaceFile(join(folder, 'none.ts')), /none\.ts cannot be loaded: ENOENT/)
  })
})

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 9; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`)
  }
  return lines.join('\n')
}
