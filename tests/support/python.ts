import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../../.cache/python', import.meta.url))
const INSTALL_MS = 240_000

/** Whether there is a Python 3 that can make environments; else the tests that need it are skipped (never on CI). */
export const hasPython = (): boolean =>
  spawnSync('python3', ['-c', 'import ensurepip, venv'], { stdio: 'ignore', timeout: 20_000 }).status === 0

/**
 * The `python` of an environment that has what the file lists. It is made at first use, which takes seconds and a package
 * index, and is used again as long as the list and the version of Python are the same.
 */
export const pythonWith = (requirementsFile: string): string => {
  const version = execFileSync('python3', ['--version'], { encoding: 'utf8' })
  const key = createHash('sha256').update(version).update(readFileSync(requirementsFile)).digest('hex').slice(0, 16)
  const folder = join(cache, key)
  if (!existsSync(folder)) make(folder, requirementsFile)
  return join(folder, 'bin/python')
}

/** Made aside and then moved, so that one that is there is whole. */
const make = (folder: string, requirementsFile: string): void => {
  console.log(`Installing ${requirementsFile} for Python into ${folder}`)
  const aside = `${folder}-${process.pid}`
  mkdirSync(dirname(folder), { recursive: true })
  try {
    runBounded('python3', ['-m', 'venv', aside])
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', '--requirement', requirementsFile]
    runBounded(join(aside, 'bin/python'), pip)
    renameSync(aside, folder)
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    // Another process was faster.
    if (!existsSync(folder)) throw error
  }
}

const runBounded = (program: string, args: readonly string[]): void => {
  execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: INSTALL_MS })
}
