import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { longFiles } from './allowed-dependencies.ts'
import { allSource, filesOf, packages, reachable, read, root } from './source-files.ts'

const maxLines = 500
const written = allSource.filter((file) => !file.includes('.generated.'))
const documents = filesOf('*.md', 'docs/**/*.md', 'changes.d/*.md', 'packages/**/*.md', 'examples/**/*.md')

/** Files in which a pattern is found, with the line. This file names what it forbids, so it is left out. */
const found = (files: readonly string[], pattern: RegExp): string[] =>
  files
    .filter((file) => file !== 'tests/structure/house-rules.test.ts')
    .flatMap((file) => {
      const line = read(file)
        .split('\n')
        .findIndex((text) => pattern.test(text))
      return line === -1 ? [] : [`${file}:${line + 1}`]
    })

describe('every source file', () => {
  it(`has at most ${maxLines} lines, unless its reason is listed`, () => {
    const long = written.filter((file) => read(file).split('\n').length > maxLines + 1)
    assert.deepEqual(long, Object.keys(longFiles))
  })

  it('has a name in kebab-case that says what is in it', () => {
    const wrong = written.filter((file) => {
      const name = basename(file)
      return (
        !/^[a-z0-9]+(?:[-.][a-z0-9]+)*\.(?:ts|js|mjs)$/.test(name) || /^(?:utils?|misc|common|helpers?)\./.test(name)
      )
    })
    assert.deepEqual(wrong, [])
  })

  it('leaves no note for later', () => {
    assert.deepEqual(found([...written, ...documents], /\b(?:TODO|FIXME|XXX|HACK)\b/), [])
  })

  it('names no folder of the machine that it was written on', () => {
    const homes = String.raw`/(?:home|root|Users)/\w`
    const here = root.split('/').length > 2 ? `|${root.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}/` : ''
    assert.deepEqual(found([...written, ...documents], new RegExp(homes + here)), [])
  })

  it('reads nothing outside the repository', () => {
    const wrong = written.flatMap((file) =>
      [...read(file).matchAll(/['"`]((?:\.\.\/)+[\w./-]*)['"`]/g)]
        .map((match) => match[1] as string)
        .filter((path) => relative(root, join(root, dirname(file), path)).startsWith('..'))
        .map((path) => `${file}: ${path}`),
    )
    assert.deepEqual(wrong, [])
  })
})

describe('every package', () => {
  for (const { folder, manifest, files, shipped } of packages) {
    it(`${folder} says what it is, has a licence, and exports source that exists`, () => {
      assert.match(manifest.description ?? '', /^[A-Z].{10,}\.$/)
      assert.equal(manifest.license, 'MIT')
      for (const [path, target] of Object.entries(manifest.exports)) {
        assert.ok(existsSync(join(root, 'packages', folder, target)), `${path}: ${target}`)
      }
    })

    it(`${folder} has no file that nothing uses`, () => {
      const tests = files.filter((file) => /\.test(?:-d)?\.ts$/.test(file) || file.includes('/bench/'))
      const used = reachable([...shipped, ...tests])
      assert.deepEqual(
        files.filter((file) => !used.has(file) && !file.endsWith('.d.ts')),
        [],
      )
    })
  }
})

describe('changes.d', () => {
  it('holds fragments named <slug>.<fix|feature|breaking|security>.md, none of them empty', () => {
    const names = readdirSync(join(root, 'changes.d')).filter((name) => name !== 'README.md')
    for (const name of names) {
      assert.match(name, /^[a-z0-9]+(?:-[a-z0-9]+)*\.(?:fix|feature|breaking|security)\.md$/)
      assert.match(read(`changes.d/${name}`), /\w/)
    }
  })
})
