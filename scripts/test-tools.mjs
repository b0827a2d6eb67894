// What some tests need of the machine beside Node: they are skipped without it on a laptop, and must run on CI.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const isCI = process.env.CI === 'true'
const isRoot = process.getuid?.() === 0

/** Says what is missing and how to get it; on CI installs it or gives false. */
export function checkTools() {
  const missing = []
  if (!hasStrace() && !(isCI && installStrace())) {
    missing.push('strace (the tests of "durable before 200" need it): apt-get install strace')
  }
  if (!isRoot || process.platform !== 'linux') {
    missing.push('root on Linux (the test of a full disk mounts a small tmpfs): run npm test as root in a container')
  }
  if (missing.length === 0) return true
  process.stdout.write(`${isCI ? 'Missing on CI' : 'Optional parts that are missing; their tests are skipped'}:\n`)
  for (const part of missing) process.stdout.write(`  ${part}\n`)
  return !isCI
}

const hasStrace = () => spawnSync('strace', ['--version'], { stdio: 'ignore' }).status === 0

function installStrace() {
  if (!isRoot || !existsSync('/etc/debian_version')) return false
  const stdio = ['ignore', 'inherit', 'inherit']
  const apt = (...args) =>
    spawnSync('apt-get', args, { stdio, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  process.stdout.write('Installing strace: apt-get install strace\n')
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', 'strace')
  return hasStrace()
}
