import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import { appendLines } from './append-lines.ts'

async function temporaryFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-file-'))
  t.after(() => rm(folder, { recursive: true }))
  return join(folder, 'out.ndjson')
}

test('appends whole lines and creates the file', async (t) => {
  const file = await temporaryFile(t)
  await appendLines(file, '{"a":1}\n')
  await appendLines(file, '{"a":2}\n{"a":3}\n')
  assert.equal(await readFile(file, 'utf8'), '{"a":1}\n{"a":2}\n{"a":3}\n')
})

test('appends that are asked for at once do not mix', async (t) => {
  const file = await temporaryFile(t)
  const texts = Array.from({ length: 20 }, (_, n) => `{"n":${n}}\n`.repeat(50))
  await Promise.all(texts.map((text) => appendLines(file, text)))
  assert.equal(await readFile(file, 'utf8'), texts.join(''))
})

test('a file cut off at any byte holds whole lines again after the next append, and loses none', async (t) => {
  const file = await temporaryFile(t)
  const item = fc.record({ messageId: fc.string(), text: fc.string({ unit: 'grapheme' }) }, { noNullPrototype: true })
  await fc.assert(
    fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 5 }), fc.nat(), async (items, seed) => {
      const written = Buffer.from(items.map((each) => `${JSON.stringify(each)}\n`).join(''))
      const cut = seed % (written.length + 1)
      await writeFile(file, written.subarray(0, cut))
      await appendLines(file, '{"last":true}\n')
      const lines = (await readFile(file, 'utf8')).split('\n')
      assert.equal(lines.pop(), '')
      assert.equal(lines.pop(), '{"last":true}')
      const whole = written.subarray(0, cut).toString().split('\n').length - 1
      assert.ok(lines.length === whole || lines.length === whole + 1)
      assert.deepEqual(
        lines.map((line): unknown => JSON.parse(line)),
        items.slice(0, lines.length),
      )
    }),
  )
})

test('a last line that only lacks its newline is kept', async (t) => {
  const file = await temporaryFile(t)
  await writeFile(file, '{"a":1}\n{"a":2}')
  await appendLines(file, '{"a":3}\n')
  assert.equal(await readFile(file, 'utf8'), '{"a":1}\n{"a":2}\n{"a":3}\n')
})

test('a file that does not hold lines of JSON is left alone', async (t) => {
  const file = await temporaryFile(t)
  await writeFile(file, '<html>one line</html>')
  await assert.rejects(appendLines(file, '{"a":1}\n'), /choose another path/)
  assert.equal(await readFile(file, 'utf8'), '<html>one line</html>')
})
