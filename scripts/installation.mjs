// Shared by start.mjs and test.mjs. Plain JavaScript for Node 20.19, with nothing installed yet.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Installs the dependencies when they are missing or are not those of package-lock.json. Exits on failure. */
export function ensureInstalled() {
  const reason = staleReason()
  if (reason === undefined) return
  // Not `npm ci`: that refuses a lock in which an optional package of another platform is missing, as it is when the lock
  // was written where the registry does not carry them. This takes the locked versions too, and leaves the lock alone.
  const command = ['install', '--no-save']
  process.stderr.write(`Installing dependencies (${reason}): npm ${command.join(' ')}\n`)
  // The npm that runs this script, when one does: it need not be in PATH.
  const npm = process.env.npm_execpath
  const [program, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const { status, error } = spawnSync(program, [...args, ...command, '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32' && program === 'npm',
  })
  if (status === 0) return
  process.stderr.write(
    `npm ${command.join(' ')} failed${error ? `: ${error.message}` : ''}. Mend what it says above and try again.\n`,
  )
  process.exit(1)
}

/** Why an install is needed. Versions are compared, not times: a checkout makes files new that did not change. */
function staleReason() {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const installed = packagesOf(join(root, 'node_modules/.package-lock.json'))
  if (installed === undefined) return 'there are none'
  for (const [path, entry] of Object.entries(wanted ?? {})) {
    if (path === '' || !path.includes('node_modules/')) continue
    const present = installed[path]
    if (present === undefined) {
      // Packages for other platforms are in the lock and not on the disk.
      if (entry.optional || entry.devOptional || entry.peer) continue
      return `${path} is missing`
    }
    if (present.version !== entry.version || present.integrity !== entry.integrity)
      return `${path} is not ${entry.version}`
  }
  return undefined
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** Makes the script that servers hand to pages. Without it they run, and say so to who asks for it. */
export function buildBrowserScript() {
  // An installation without the tools for development serves what was built before.
  if (!existsSync(join(root, 'node_modules/esbuild'))) return
  const { status } = spawnSync(newerNode(), [join(root, 'packages/sdk-browser/bundle.ts')], { stdio: 'inherit' })
  if (status !== 0) process.stderr.write('The script of packages/sdk-browser was not built; see above.\n')
}

/** The Node that Millrace runs with: the installed one, else this one when it is new enough. Exits when there is none. */
export function newerNode() {
  const installed = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(installed)) return installed
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath
  process.stderr.write(
    `Millrace needs Node.js 24 or newer; this is ${process.versions.node} and the npm package "node" brought no other ` +
      `(${installed} is not there). Allow its install script and run npm ci, or install Node.js from https://nodejs.org.\n`,
  )
  return process.exit(1)
}

/** The environment in which `node` and the tools of node_modules are found first. */
export function toolEnvironment() {
  const separator = process.platform === 'win32' ? ';' : ':'
  return { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${separator}${process.env.PATH ?? ''}` }
}
