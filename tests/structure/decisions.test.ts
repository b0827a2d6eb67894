import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { describe, it } from 'node:test'
import { filesOf, packages, read } from './source-files.ts'

const decisions = filesOf('docs/decisions/[0-9]*.md')

describe('decisions', () => {
  it('are numbered without a gap, and all are in the list', () => {
    const list = read('docs/decisions/README.md')
    assert.deepEqual(
      decisions.map((file) => Number(basename(file).slice(0, 4))),
      decisions.map((_, index) => index + 1),
    )
    for (const file of decisions) assert.ok(list.includes(`](${basename(file)})`), file)
  })

  for (const file of decisions) {
    it(`${basename(file)} has context, choice, consequences, and doing nothing among the alternatives`, () => {
      for (const part of ['**Context.**', '**Choice.**', '**Consequences.**', '**Alternatives.**', '*Do nothing']) {
        assert.ok(read(file).includes(part), part)
      }
    })
  }

  it('name every library that is installed, and no other', () => {
    const own = packages.flatMap(({ manifest }) => Object.keys(manifest.dependencies ?? {}))
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { [name: string]: string } }
    const installed = new Set([
      ...own.filter((name) => !name.startsWith('@millrace/')),
      ...Object.keys(devDependencies),
    ])
    const rows = [...read('docs/decisions/0005-libraries.md').matchAll(/^\| `([^`]+)` \|/gm)].map(
      (match) => match[1] as string,
    )
    assert.deepEqual(rows.sort(), [...installed].sort())
  })
})
