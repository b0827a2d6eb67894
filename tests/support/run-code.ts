import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../structure/source-files.ts'
import { goCommand } from './go.ts'
import { pythonWith } from './python.ts'

const run = promisify(execFile)
const limitMs = 120_000
/** Customer.io's client for Go is a fork of Segment's; the module proxy has only the latter, which stands in for it. */
const customerioGo = 'github.com/customerio/cdp-analytics-go'
const segmentGo = 'github.com/segmentio/analytics-go/v3'

/** Runs a file with Node to its end. Like those below, fails with what it wrote when it ends with an error. */
export const runNode = async (file: string): Promise<string> =>
  (await run(process.execPath, [file], { cwd: dirname(file), timeout: limitMs })).stdout

/** Runs a file with the public Python clients at hand. */
export const runPython = async (file: string): Promise<string> => {
  const python = pythonWith(join(root, 'tests/clients/python/requirements.txt'))
  return (await run(python, [file], { cwd: dirname(file), timeout: limitMs })).stdout
}

/** Runs a program of one file, as a module of its own with the versions of the examples. */
export const runGo = async (file: string): Promise<string> => {
  const folder = `${file}-module`
  await mkdir(folder)
  for (const name of ['go.mod', 'go.sum']) await copyFile(join(root, 'examples', name), join(folder, name))
  await writeFile(join(folder, 'main.go'), (await readFile(file, 'utf8')).replaceAll(customerioGo, segmentGo))
  return (await run(goCommand(), ['run', '-mod=readonly', '.'], { cwd: folder, timeout: limitMs })).stdout
}

/** Runs a file with the shell. */
export const runShell = async (file: string): Promise<string> =>
  (await run('sh', [file], { cwd: dirname(file), timeout: limitMs })).stdout
