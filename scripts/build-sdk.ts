import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * Makes what npm gets of an SDK: JavaScript for `import` and for `require` with the packages that it is made of inside, so that
 * it has no dependencies, and its types. Node runs no TypeScript in node_modules.
 *
 *   node scripts/build-sdk.ts events|sdk-node [folder=.cache/sdk/<name>]
 */
const root = fileURLToPath(new URL('../', import.meta.url))

/** The oldest Node that runs it. */
const oldestNode = 18

interface Manifest {
  name: string
  version: string
  description: string
  license: string
  sideEffects?: boolean
}

export const buildSdk = async (name: string, folder = join(root, '.cache/sdk', name)): Promise<void> => {
  const source = join(root, 'packages', name)
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const format of ['esm', 'cjs'] as const) {
    await build({
      entryPoints: [join(source, 'src/index.ts')],
      outfile: join(folder, format, 'index.js'),
      bundle: true,
      platform: 'node',
      target: `node${oldestNode}`,
      format,
      logLevel: 'error',
    })
  }
  const types = declarationsOf(name)
  const entry = `${name}/src/index.d.ts`
  for (const [format, type] of [
    ['esm', 'module'],
    ['cjs', 'commonjs'],
  ] as const) {
    for (const [path, text] of types) write(join(folder, format, 'types', path), text)
    // What kind of module the files of this folder are, types included.
    write(join(folder, format, 'package.json'), JSON.stringify({ type }))
  }
  const { version, description, license, sideEffects = false } = manifest
  const conditions = (format: string) => ({ types: `./${format}/types/${entry}`, default: `./${format}/index.js` })
  const published = {
    name: manifest.name,
    version,
    description,
    license,
    sideEffects,
    main: './cjs/index.js',
    types: `./cjs/types/${entry}`,
    exports: { '.': { import: conditions('esm'), require: conditions('cjs') } },
    engines: { node: `>=${oldestNode}` },
  }
  write(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  write(join(folder, 'README.md'), readFileSync(join(source, 'README.md'), 'utf8'))
  write(join(folder, 'LICENSE'), readFileSync(join(root, 'LICENSE'), 'utf8'))
}

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** The declarations that the index of a package needs, by path below `packages`, its own and those of the packages within. */
const declarationsOf = (name: string): Map<string, string> => {
  const out = mkdtempSync(join(tmpdir(), 'millrace-types-'))
  try {
    const config = {
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: join(root, 'packages'),
        outDir: join(out, 'types'),
        typeRoots: [join(root, 'node_modules/@types')],
      },
      // What is found through node_modules is not emitted, so the packages within are named.
      files: [name, ...within(name)].map((each) => join(root, 'packages', each, 'src/index.ts')),
    }
    writeFileSync(join(out, 'tsconfig.json'), JSON.stringify(config))
    // With several threads tsc 7.0 takes a file that is named, and found through node_modules too, now for the one and now for the
    // other, and leaves it out.
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['--project', join(out, 'tsconfig.json'), '--singleThreaded'], {
      stdio: 'pipe',
    })
    const emitted = new Map(
      globSync('**/*.d.ts', { cwd: join(out, 'types') }).map((path) => [
        path.replaceAll('\\', '/'),
        readFileSync(join(out, 'types', path), 'utf8'),
      ]),
    )
    return reachable(`${name}/src/index.d.ts`, emitted)
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

/** Folders of the packages of this repository that a package is made of. */
const within = (name: string): string[] => {
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
    dependencies?: { [name: string]: string }
  }
  const own = Object.keys(dependencies).map((each) => each.slice('@millrace/'.length))
  return [...new Set(own.flatMap((each) => [each, ...within(each)]))]
}

const reachable = (entry: string, emitted: ReadonlyMap<string, string>): Map<string, string> => {
  const found = new Map<string, string>()
  const open = [entry]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const text = emitted.get(path)
    if (text === undefined) throw new Error(`no declarations were made of ${path}; the package would have no types`)
    if (found.has(path)) continue
    const folder = posix.dirname(path)
    const from = (target: string): string => {
      open.push(target)
      const relative = posix.relative(folder, target).replace(/\.d\.ts$/, '.js')
      return `from '${relative.startsWith('.') ? relative : `./${relative}`}'`
    }
    const rewritten = text
      .replaceAll(/\bfrom '(\.[^']*)\.ts'/g, (_whole, file: string) => from(posix.join(folder, `${file}.d.ts`)))
      .replaceAll(
        /^(import|export)( type)? (\{[^}]*\}) from '@millrace\/([\w-]+)';/gm,
        (_whole, word: string, type = '', names: string, name: string) =>
          [...byFile(name, namesOf(names), emitted)]
            .map(([target, list]) => `${word}${type} { ${list.join(', ')} } ${from(target)};`)
            .join('\n'),
      )
    found.set(path, rewritten)
  }
  return found
}

/** The names that are taken from a package, by the file of it that declares them: the rest of it stays out. */
const byFile = (
  name: string,
  names: readonly string[],
  emitted: ReadonlyMap<string, string>,
): Map<string, readonly string[]> => {
  const index = emitted.get(`${name}/src/index.d.ts`) ?? ''
  const fileOf = new Map<string, string>()
  for (const [, listed = '', file = ''] of index.matchAll(/(\{[^}]*\}) from '\.\/([^']+)\.ts'/g)) {
    for (const each of namesOf(listed)) fileOf.set(each, `${name}/src/${file}.d.ts`)
  }
  return Map.groupBy(names, (each) => fileOf.get(each) ?? `${name}/src/index.d.ts`)
}

const namesOf = (list: string): string[] => list.match(/[A-Za-z_]\w*/g)?.filter((each) => each !== 'type') ?? []

if (import.meta.main) {
  const [name = '', folder] = process.argv.slice(2)
  await buildSdk(name, folder)
}
