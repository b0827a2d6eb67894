import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { filesOf, read, root } from './source-files.ts'

/** Specifications whose clauses begin `- **MSG-1** …` and name their tests as `package/src/x.test.ts` "what it shows". */
const specs = filesOf('docs/specs/*.md').filter((file) => /^- \*\*[A-Z]+-\d+\*\*/m.test(read(file)))

const clausesOf = (file: string): { id: string; text: string }[] =>
  read(file)
    .split(/^(?=- \*\*[A-Z]+-\d+\*\*|#|\n)/m)
    .flatMap((text) => {
      const id = /^- \*\*([A-Z]+-\d+)\*\*/.exec(text)?.[1]
      return id === undefined ? [] : [{ id, text: text.replaceAll(/\s+/g, ' ') }]
    })

const namesOf = (file: string): Set<string> =>
  new Set([...read(file).matchAll(/\b(?:it|test)\(\s*(['"`])(.*?)(?<!\\)\1/gs)].map((match) => match[2] as string))

describe('specifications', () => {
  it('are there', () => {
    assert.ok(specs.includes('docs/specs/message.md') && specs.includes('docs/specs/tracking-api.md'))
  })

  for (const spec of specs) {
    it(`${spec}: clauses are numbered in order, without a gap`, () => {
      const numbers = clausesOf(spec).map(({ id }) => Number(id.split('-')[1]))
      assert.deepEqual(
        numbers,
        Array.from(numbers, (_, index) => index + 1),
      )
    })

    it(`${spec}: every clause demands something and names tests that exist`, () => {
      const wrong: string[] = []
      for (const { id, text } of clausesOf(spec)) {
        if (!/\b(?:MUST|SHOULD|MAY)\b/.test(text)) wrong.push(`${id} demands nothing`)
        const tests = [...text.matchAll(/`([\w./-]+\.test\.ts)` "(.*?)"(?=[,\s]|$)/g)]
        if (tests.length === 0) wrong.push(`${id} names no test`)
        for (const [, file = '', name = ''] of tests) {
          const path = ['packages', '.'].map((base) => join(base, file)).find((each) => existsSync(join(root, each)))
          if (path === undefined) wrong.push(`${id}: there is no ${file}`)
          else if (!namesOf(path).has(name)) wrong.push(`${id}: ${file} has no test "${name}"`)
        }
      }
      assert.deepEqual(wrong, [])
    })

    it(`${spec}: tables of facts name tests that exist, in the file named above them`, () => {
      let file = ''
      const wrong: string[] = []
      for (const line of read(spec).split('\n')) {
        file = /`([\w./-]+\.test\.ts)`(?! ")/.exec(line)?.[1] ?? file
        const name = /^\|.*\| "(.*)" \|$/.exec(line)?.[1]
        if (name !== undefined && !namesOf(join('packages', file)).has(name)) wrong.push(`${file}: ${name}`)
      }
      assert.deepEqual(wrong, [])
    })
  }
})
