// What some tests need of the machine beside Node: they are skipped without it on a laptop, and must run on CI.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const isCI = process.env.CI === 'true'
const isRoot = process.getuid?.() === 0
const canInstall = isCI && isRoot && existsSync('/etc/debian_version')

const checkMs = 20_000
const updateMs = 180_000
const installMs = 600_000

/** One line for each: what it is, the tests that need it, how to see it, and the package of Debian that brings it. */
const tools = [
  {
    name: 'strace',
    neededBy: 'the tests of "durable before 200"',
    isThere: () => runs('strace', '--version'),
    package: 'strace',
  },
  {
    name: 'Chromium',
    neededBy: 'the tests of the browser clients and of the pages in examples/',
    isThere: () =>
      [
        process.env.MILLRACE_CHROMIUM,
        '/usr/bin/chromium',
        'chromium',
        'chromium-browser',
        'google-chrome',
        'google-chrome-stable',
      ]
        .filter(Boolean)
        .some((program) => runs(program, '--version')),
    package: 'chromium',
  },
  {
    name: 'Python 3 with venv',
    neededBy: 'the tests of the Python clients',
    isThere: () => runs('python3', '-c', 'import ensurepip, venv'),
    package: 'python3-venv',
  },
  {
    name: 'Go 1.18 or newer',
    neededBy: 'the tests of the Go client',
    // Its own installation does not put itself into PATH.
    isThere: () => ['go', '/usr/local/go/bin/go'].some((program) => runs(program, 'version')),
    package: 'golang-go',
  },
  {
    name: 'root on Linux',
    neededBy: 'the test of a full disk, which mounts a small tmpfs',
    isThere: () => isRoot && process.platform === 'linux',
    remedy: 'run npm test as root in a container',
  },
]

/** Says what is missing and how to get it; on CI installs it or gives false. */
export function checkTools() {
  let missing = tools.filter(({ isThere }) => !isThere())
  if (canInstall) missing = installed(missing)
  if (missing.length === 0) return true
  process.stdout.write(`${isCI ? 'Missing on CI' : 'Optional parts that are missing; their tests are skipped'}:\n`)
  for (const { name, neededBy, package: debian, remedy = `apt-get install ${debian}` } of missing)
    process.stdout.write(`  ${name}, for ${neededBy}: ${remedy}\n`)
  return !isCI
}

/** Installs what has a package, with apt's own progress; gives what is still missing. */
function installed(missing) {
  const packages = missing.flatMap(({ package: debian }) => debian ?? [])
  if (packages.length === 0) return missing
  apt(updateMs, 'update')
  // One by one: a package that cannot be had does not keep the others away.
  for (const name of packages) apt(installMs, 'install', '--yes', '--no-install-recommends', name)
  return missing.filter(({ isThere }) => !isThere())
}

function apt(timeoutMs, ...args) {
  process.stdout.write(`apt-get ${args.join(' ')} (at most ${timeoutMs / 60_000} minutes)\n`)
  const startedMs = performance.now()
  const { status, error } = spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=60', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: timeoutMs,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  const seconds = Math.round((performance.now() - startedMs) / 1000)
  const outcome = status === 0 ? 'done' : `failed (${error?.message ?? `exit code ${status}`})`
  process.stdout.write(`apt-get ${args[0]}: ${outcome} after ${seconds} s\n`)
}

function runs(program, ...args) {
  return spawnSync(program, args, { stdio: 'ignore', timeout: checkMs }).status === 0
}
