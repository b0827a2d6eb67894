import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { allowedImports, computedImports, isomorphic, startedNotImported, usesNode } from './allowed-dependencies.ts'
import { allSource, hasComputedImport, importsOf, packages, read, root } from './source-files.ts'

/** What tests and benches may use beside what their package ships. */
const forTests = ['testkit', 'storage', 'storage/engines']
const toolsForTests = ['fast-check', 'esbuild']

const byName = new Map(packages.map((each) => [each.manifest.name, each]))

/** `storage/engines` for `@millrace/storage/engines`; undefined for what is not ours. */
const ownName = (specifier: string): string | undefined => {
  if (!specifier.startsWith('@millrace/') && specifier !== 'millrace') return undefined
  return specifier === 'millrace' ? 'cli' : specifier.slice('@millrace/'.length)
}

/** The package of a specifier: without its subpath. */
const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

describe('the dependency rule', () => {
  it('names every package', () => {
    assert.deepEqual(Object.keys(allowedImports).sort(), packages.map(({ folder }) => folder).sort())
  })

  it('is the table of ARCHITECTURE.md', () => {
    const rows = [...read('ARCHITECTURE.md').matchAll(/^\| `([\w-]+)` \| (nothing|`[^|]+`) \|$/gm)]
    const documented = rows.map(([, folder, list = '']) => [
      folder,
      [...list.matchAll(/`([^`]+)`/g)].map((name) => name[1]),
    ])
    assert.deepEqual(Object.fromEntries(documented), allowedImports)
  })

  it('has no cycle, and nobody may import the server', () => {
    const visit = (folder: string, path: readonly string[]): void => {
      assert.ok(!path.includes(folder), `a cycle: ${[...path, folder].join(' → ')}`)
      for (const next of allowedImports[folder] ?? []) visit(next.split('/')[0] as string, [...path, folder])
    }
    for (const folder of Object.keys(allowedImports)) visit(folder, [])
    for (const [folder, allowed] of Object.entries(allowedImports)) {
      assert.ok(!allowed.includes('server'), `${folder} may not import server`)
    }
  })

  for (const { folder, files, shipped } of packages) {
    const allowed = allowedImports[folder] ?? []

    it(`${folder} imports only what it may`, () => {
      const wrong: string[] = []
      for (const file of files) {
        const mayUse = shipped.has(file) ? allowed : [...allowed, ...forTests]
        for (const { specifier } of importsOf(file)) {
          const name = ownName(specifier)
          if (name !== undefined && name !== folder && !mayUse.includes(name)) wrong.push(`${file}: ${specifier}`)
        }
      }
      assert.deepEqual(wrong, [])
    })
  }
})

describe('imports', () => {
  it('reach other packages only through their exports', () => {
    const wrong: string[] = []
    for (const file of allSource) {
      for (const { specifier } of importsOf(file)) {
        if (ownName(specifier) === undefined) continue
        const target = byName.get(packageOf(specifier))
        const path = `.${specifier.slice(packageOf(specifier).length)}`
        if (target?.manifest.exports[path] === undefined) wrong.push(`${file}: ${specifier}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  it('that are relative stay in their package and name a file that exists', () => {
    const wrong: string[] = []
    for (const { folder, files, shipped } of packages) {
      for (const file of files) {
        for (const { isRelative, specifier, target } of importsOf(file)) {
          if (!isRelative) continue
          // A test may compare what a script generates with what is checked in.
          const stays =
            target.startsWith(`packages/${folder}/`) || (!shipped.has(file) && target.startsWith('scripts/'))
          if (!stays || !existsSync(join(root, target))) wrong.push(`${file}: ${specifier}`)
        }
      }
    }
    assert.deepEqual(wrong, [])
  })

  it('of tests, scripts and examples enter a package by its exports, not by its files', () => {
    const outside = allSource.filter((file) => !file.startsWith('packages/'))
    assert.deepEqual(
      outside.filter((file) => importsOf(file).some(({ target }) => target.startsWith('packages/'))),
      [],
    )
  })

  it('name their module as text, except where a reason is given', () => {
    const computed = allSource.filter((file) => file.startsWith('packages/') && hasComputedImport(file))
    assert.deepEqual(computed, Object.keys(computedImports))
  })

  for (const folder of isomorphic) {
    it(`of ${folder} need no Node: it runs in a browser`, () => {
      const shipped = [...(packages.find((each) => each.folder === folder)?.shipped ?? [])]
      assert.notEqual(shipped.length, 0)
      const found = shipped.filter((file) => importsOf(file).some(({ specifier }) => specifier.startsWith('node:')))
      assert.deepEqual(
        found,
        Object.keys(usesNode).filter((file) => file.startsWith(`packages/${folder}/`)),
      )
    })
  }
})

describe('declared dependencies', () => {
  it('of protocol are none', () => {
    assert.deepEqual(byName.get('@millrace/protocol')?.manifest.dependencies ?? {}, {})
  })

  for (const { folder, manifest, shipped } of packages) {
    it(`of ${folder} are exactly the packages that it imports`, () => {
      const used = new Set<string>()
      for (const file of shipped) {
        for (const { specifier, isRelative } of importsOf(file)) {
          const isTool = folder === 'testkit' && toolsForTests.includes(specifier)
          if (!isRelative && !isTool && !specifier.startsWith('node:')) used.add(packageOf(specifier))
        }
      }
      used.delete(manifest.name)
      const excused = Object.keys(startedNotImported[folder] ?? {})
      assert.deepEqual(Object.keys(manifest.dependencies ?? {}).sort(), [...used, ...excused].sort())
    })
  }

  it('are pinned, and to one version in all packages', () => {
    const versions = new Map<string, string>()
    for (const { folder, manifest } of packages) {
      for (const [name, version] of Object.entries(manifest.dependencies ?? {})) {
        assert.match(version, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/, `${folder}: ${name}`)
        assert.equal(versions.get(name) ?? version, version, `${folder}: ${name}`)
        versions.set(name, version)
      }
    }
  })

  it('suffice for tests and benches, with the tools of the root', () => {
    const wrong: string[] = []
    for (const { manifest, files, shipped } of packages) {
      for (const file of files) {
        if (shipped.has(file)) continue
        for (const { specifier, isRelative } of importsOf(file)) {
          if (isRelative || specifier.startsWith('node:') || ownName(specifier) !== undefined) continue
          const name = packageOf(specifier)
          if (manifest.dependencies?.[name] === undefined && !toolsForTests.includes(name)) {
            wrong.push(`${file}: ${specifier}`)
          }
        }
      }
    }
    assert.deepEqual(wrong, [])
  })
})
