import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

export const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Files of the repository by pattern, relative to its folder, sorted; what is installed or built is left out. */
export const filesOf = (...patterns: string[]): string[] =>
  globSync(patterns, { cwd: root, exclude: (path) => /(?:^|[/\\])(?:node_modules|dist)(?:[/\\]|$)/.test(path) }).sort()

export interface PackageJson {
  name: string
  description?: string
  license?: string
  exports: { readonly [path: string]: string }
  bin?: { readonly [name: string]: string }
  dependencies?: { readonly [name: string]: string }
}

export interface SourcePackage {
  /** The name of its folder. */
  folder: string
  manifest: PackageJson
  /** All its TypeScript and JavaScript, tests and benches included. */
  files: readonly string[]
  /** What is reached from its exports, its commands and the processes that these start. All else is for tests and benches. */
  shipped: ReadonlySet<string>
}

export interface Import {
  specifier: string
  isRelative: boolean
  /** The target of a relative import, relative to the repository. */
  target: string
}

/** Every literal import, export from, dynamic import and import type. Statements begin a line, so examples in comments do not count. */
export const importsOf = (file: string): Import[] => {
  const text = read(file)
  const patterns = [
    /^(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  ]
  const specifiers = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] as string))
  return [...new Set(specifiers)].map((specifier) => {
    const isRelative = specifier.startsWith('.')
    return { specifier, isRelative, target: isRelative ? join(dirname(file), specifier) : '' }
  })
}

/** Imports whose module is computed when they run. */
export const hasComputedImport = (file: string): boolean => /\bimport\(\s*[^'"\s)]/.test(read(file))

/**
 * Modules that a file starts as processes: `new URL('./child.ts', import.meta.url)`, with `${…}` standing for any text, and
 * files beside it that it names.
 */
const startedBy = (file: string): string[] => {
  const folder = dirname(file)
  const text = read(file)
  const addresses = [...text.matchAll(/new URL\(\s*['"`](\.[^'"`]+\.ts)['"`],\s*import\.meta\.url\s*\)/g)]
  const neighbours = [...text.matchAll(/['"]([\w-]+\.ts)['"]/g)].map((match) => join(folder, match[1] as string))
  return [
    ...addresses.flatMap((match) => filesOf(join(folder, (match[1] as string).replaceAll(/\$\{[^}]+\}/g, '*')))),
    ...neighbours.filter((path) => existsSync(join(root, path))),
  ]
}

/** The files themselves, what they import within their package, what they start as processes, and so on. */
export const reachable = (entries: readonly string[]): Set<string> => {
  const seen = new Set<string>()
  const open = [...entries]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const targets = importsOf(file).flatMap(({ target }) =>
      existsSync(join(root, target)) && target !== '' ? [target] : [],
    )
    open.push(...targets, ...startedBy(file))
  }
  return seen
}

export const packages: readonly SourcePackage[] = filesOf('packages/*/package.json').map((path) => {
  const folder = dirname(path)
  const manifest = JSON.parse(read(path)) as PackageJson
  const files = filesOf(`${folder}/**/*.{ts,js}`)
  const entries = [...Object.values(manifest.exports), ...Object.values(manifest.bin ?? {})]
  return {
    folder: relative('packages', folder),
    manifest,
    files,
    shipped: reachable(entries.map((entry) => join(folder, entry))),
  }
})

/** All source of the repository: packages, scripts, benches, tests, examples. */
export const allSource: readonly string[] = filesOf(
  'packages/**/*.{ts,js,mjs}',
  '{scripts,bench,tests,examples}/**/*.{ts,js,mjs}',
)
