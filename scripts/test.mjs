// `npm test`: installs, then checks and tests in steps, up to the first that fails.
//   npm test -- --only unit                 one of tools, lint, format, types, unit, integration; may be repeated
//   npm test -- packages/protocol/src       test files, or folders of them
// Plain JavaScript for Node 20.19, with nothing installed yet. The last line is "N passed, N failed".
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { buildBrowserScript, ensureInstalled, newerNode, root, toolEnvironment } from './installation.mjs'
import { checkTools } from './test-tools.mjs'

const reporter = new URL('test-counts.mjs', import.meta.url).href
const unitTimeoutMs = 180_000
const integrationTimeoutMs = 1_200_000

const steps = {
  tools: checkTools,
  lint: () => tool('oxlint', ['--type-aware', '--deny-warnings']),
  format: () => tool('oxfmt', ['--check']),
  types: () => tool('tsc', ['--project', 'tsconfig.json']),
  unit: () => runTests(testFiles('packages'), { concurrency: 2, timeoutMs: unitTimeoutMs }),
  integration: () => runTests(testFiles('tests'), { concurrency: 1, timeoutMs: integrationTimeoutMs }),
}

const { only, paths } = readArguments()
ensureInstalled()
buildBrowserScript()
const node = newerNode()
const totals = { passed: 0, failed: 0, skipped: 0 }
const results = []
let ok = true

if (paths.length > 0) {
  runStep('tests', () =>
    runTests(
      paths.flatMap((path) => testFiles(path)),
      { concurrency: 1, timeoutMs: integrationTimeoutMs },
    ),
  )
} else {
  for (const [name, step] of Object.entries(steps)) {
    if (only.length > 0 && !only.includes(name)) continue
    if (!runStep(name, step)) break
  }
}
printSummary()
process.exitCode = ok ? 0 : 1

function readArguments() {
  const fail = (message) => {
    process.stderr.write(`${message}\n`)
    process.exit(2)
  }
  try {
    const { values, positionals } = parseArgs({
      options: { only: { type: 'string', multiple: true, default: [] } },
      allowPositionals: true,
    })
    const unknown = values.only.find((name) => !Object.hasOwn(steps, name))
    if (unknown !== undefined) fail(`There is no step "${unknown}". There are: ${Object.keys(steps).join(', ')}.`)
    const missing = positionals.find((path) => !existsSync(join(root, path)))
    if (missing !== undefined) fail(`There is no ${missing} in ${root}.`)
    return { only: values.only, paths: positionals }
  } catch (error) {
    return fail(error.message)
  }
}

/** Runs one step and keeps its result; a step gives true, false, or why there was nothing to do. */
function runStep(name, step) {
  process.stdout.write(`\n== ${name}\n`)
  const before = { ...totals }
  const startedMs = performance.now()
  const outcome = step()
  const seconds = (performance.now() - startedMs) / 1000
  const isOk = outcome !== false
  // A step that failed without a failed test counts as one, so that the last line cannot look green.
  if (!isOk && totals.failed === before.failed) totals.failed += 1
  const counts = ['passed', 'failed', 'skipped']
    .map((key) => [key, totals[key] - before[key]])
    .filter(([, count]) => count > 0)
  const detail = typeof outcome === 'string' ? outcome : counts.map(([key, count]) => `${count} ${key}`).join(', ')
  results.push({ name, seconds, verdict: isOk ? 'ok' : 'FAILED', detail })
  ok &&= isOk
  return isOk
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: toolEnvironment() })
  if (error) process.stderr.write(`${program} cannot be started: ${error.message}\n`)
  return status === 0
}

/** A command of node_modules, run with its own file: none of PATH can take its place. */
function tool(name, args) {
  return run(join(root, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name), args)
}

/** The test files of a folder in order, or the file itself. */
function testFiles(path) {
  const full = join(root, path)
  if (!existsSync(full)) return []
  if (statSync(full).isFile()) return [path]
  return readdirSync(full, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .flatMap((entry) => {
      const inside = join(path, entry.name)
      return entry.isDirectory() ? testFiles(inside) : entry.name.endsWith('.test.ts') ? [inside] : []
    })
    .sort((one, other) => (one < other ? -1 : 1))
}

function runTests(files, { concurrency, timeoutMs }) {
  if (files.length === 0) return 'no test files'
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  const countsFile = join(folder, 'counts.json')
  const isOk = run(node, [
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${timeoutMs}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${countsFile}`,
    ...files.map((file) => relative(root, join(root, file))),
  ])
  const counts = existsSync(countsFile) ? readFileSync(countsFile, 'utf8').trim() : ''
  rmSync(folder, { recursive: true, force: true })
  // No counts: the run broke before its end, and its exit code alone would hide how little ran.
  if (counts === '') return false
  const { passed, failed = 0, cancelled, skipped, todo } = JSON.parse(counts)
  totals.passed += passed
  totals.failed += failed + cancelled
  totals.skipped += skipped + todo
  return isOk
}

function printSummary() {
  const width = Math.max(...results.map(({ name }) => name.length))
  process.stdout.write('\n')
  for (const { name, seconds, verdict, detail } of results) {
    process.stdout.write(
      `${name.padEnd(width)}  ${seconds.toFixed(1).padStart(7)} s  ${verdict.padEnd(6)}  ${detail}`.trimEnd() + '\n',
    )
  }
  process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed\n`)
}
