import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cache = fileURLToPath(new URL('../../.cache/go', import.meta.url))
const BUILD_MS = 240_000

/** The one of PATH, else where Go's own installation puts it, which need not be in PATH. */
const candidates = ['go', '/usr/local/go/bin/go']
const go = candidates.find((path) => spawnSync(path, ['version'], { stdio: 'ignore', timeout: 20_000 }).status === 0)

/** Whether there is Go; else the tests that need it are skipped (never on CI). */
export const hasGo = (): boolean => go !== undefined

/** The `go` command. Throws where there is none. */
export const goCommand = (): string => {
  if (go === undefined)
    throw new Error(`There is no Go: none of ${candidates.join(', ')} runs. Install Go 1.18 or newer.`)
  return go
}

/**
 * The program of a folder that is a module. It is built at first use, which takes seconds and the module proxy, and again
 * when a file of it or the version of Go has changed.
 */
export const goProgram = (folder: string): string => {
  const command = goCommand()
  const hash = createHash('sha256').update(execFileSync(command, ['version']))
  const files = readdirSync(folder).filter((name) => /\.go$|^go\./.test(name))
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(folder, name)))
  const program = join(cache, hash.digest('hex').slice(0, 16))
  if (!existsSync(program)) {
    console.log(`Building ${folder} with Go into ${program}`)
    mkdirSync(cache, { recursive: true })
    const aside = `${program}-${process.pid}`
    const args = ['build', '-mod=readonly', '-o', aside, '.']
    execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], timeout: BUILD_MS })
    renameSync(aside, program)
  }
  return program
}
