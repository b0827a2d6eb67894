import { readFile, stat } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MillraceError } from '@millrace/protocol'
import { LineCounter, parseDocument } from 'yaml'

/**
 * Reads a document by the file's extension: `.json`, `.yaml`/`.yml`, or the default export of `.ts`, `.mts`, `.js`, `.mjs`.
 * A module is read anew when its file was changed; what it imports itself stays as first read.
 * What it gives is not checked yet.
 * @throws {MillraceError} `invalid_workspace` with file, line and column when it cannot be read.
 */
export async function readWorkspaceFile(path: string): Promise<unknown> {
  const extension = extname(path)
  if (moduleExtensions.includes(extension)) return readModule(path)
  if (extension !== '.json' && extension !== '.yaml' && extension !== '.yml') {
    throw refused(path, `has the extension "${extension}"; name it .json, .yaml, .ts or .js`)
  }
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw refused(path, `cannot be read: ${messageOf(error)}`, error)
  })
  return extension === '.json' ? parseJson(path, text) : parseYaml(path, text)
}

const moduleExtensions = ['.ts', '.mts', '.js', '.mjs']

async function readModule(path: string): Promise<unknown> {
  let exported: { default?: unknown }
  try {
    const { mtimeMs, size } = await stat(path)
    // The version in the address makes a changed file a new module; the same one is answered from the cache.
    exported = (await import(`${pathToFileURL(resolve(path)).href}?v=${mtimeMs}-${size}`)) as { default?: unknown }
  } catch (error) {
    throw refused(path, `cannot be loaded: ${messageOf(error)}`, error)
  }
  if (exported.default === undefined) {
    throw refused(path, 'has no default export; write: export default defineWorkspace({ … })')
  }
  return exported.default
}

function parseJson(path: string, text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refused(path, `is not JSON: ${messageOf(error)}`, error)
  }
  // JSON.parse keeps the last of two equal keys and would lose a destination without a word. JSON is YAML.
  parseYaml(path, text, (code) => code === 'DUPLICATE_KEY')
  return value
}

function parseYaml(path: string, text: string, counts: (code: string) => boolean = () => true): unknown {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problem = document.errors.find(({ code }) => counts(code))
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0])
    throw refused(path, `line ${line}, column ${col}: ${problem.message}`, problem)
  }
  try {
    return document.toJS()
  } catch (error) {
    throw refused(path, `cannot be read: ${messageOf(error)}`, error)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const refused = (path: string, problem: string, cause?: unknown): MillraceError =>
  new MillraceError('invalid_workspace', `The configuration file ${basename(path)} ${problem}`, { cause })
