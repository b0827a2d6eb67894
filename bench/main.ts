import { parseArgs } from 'node:util'
import { describeMachine } from './machine.ts'
import { machineUse } from './process-family.ts'
import { profile, profiles } from './profile.ts'
import { QUIET_SHARE, tableOf } from './report.ts'
import type { RowResult } from './report.ts'
import type { Row } from './row.ts'
import { acceptRow } from './rows/accept.ts'
import { acceptToDuckdbRow } from './rows/accept-to-duckdb.ts'
import { acceptToWebhookRow } from './rows/accept-to-webhook.ts'
import { backlogDrainRow } from './rows/backlog-drain.ts'
import { backlogMemoryRow } from './rows/backlog-memory.ts'
import { extraDestinationsRow } from './rows/extra-destinations.ts'
import { fanOutRow } from './rows/fan-out.ts'
import { isolationRow } from './rows/isolation.ts'
import { logAppendRow } from './rows/log-append.ts'
import { messageIndexRow } from './rows/message-index.ts'
import { sdkNodeRow } from './rows/sdk-node.ts'
import { singleRequestsRow } from './rows/single-requests.ts'
import { typesRow } from './rows/types.ts'
import { writeFigures } from './write-figures.ts'

/** The benchmark: `docs/benchmarks.md` says what each row measures and how to repeat it. Needs Linux. */
const rows: readonly Row[] = [
  acceptRow(50),
  acceptRow(1),
  logAppendRow,
  acceptToWebhookRow,
  acceptToDuckdbRow,
  backlogDrainRow,
  singleRequestsRow,
  backlogMemoryRow,
  extraDestinationsRow,
  fanOutRow,
  isolationRow,
  messageIndexRow,
  sdkNodeRow,
  typesRow,
]

const usage = `node bench/main.ts [--only ROW,ROW] [--quick] [--write] [--json]
node bench/main.ts --profile ${Object.keys(profiles).join('|')} [--quick]
rows: ${rows.map(({ name }) => name).join(', ')}`

const progress = (text: string): void => {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)
}

const measure = async (row: Row, quick: boolean): Promise<RowResult> => {
  const before = machineUse()
  const started = performance.now()
  const figures = await row.run({ quick, progress: (text) => progress(`${row.name}: ${text}`) })
  const seconds = (performance.now() - started) / 1000
  const after = machineUse()
  const busy = after.busySeconds - before.busySeconds
  const own = after.ownSeconds - before.ownSeconds
  const all = seconds * PROCESSORS
  return {
    name: row.name,
    title: row.title,
    figures,
    otherShare: (busy - own) / all,
    stolenShare: (after.stolenSeconds - before.stolenSeconds) / all,
    seconds,
  }
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const runRows = async (): Promise<void> => {
  const wanted = values.only?.split(',') ?? rows.map(({ name }) => name)
  const unknown = wanted.find((name) => !rows.some((row) => row.name === name))
  if (unknown !== undefined) throw new Error(`--only names "${unknown}"\n${usage}`)
  if (values.write && values.quick) throw new Error('--write takes figures of whole runs; leave out --quick')
  const machine = describeMachine()
  const results: RowResult[] = []
  for (const row of rows.filter(({ name }) => wanted.includes(name))) {
    progress(row.title)
    try {
      const result = await measure(row, values.quick)
      results.push(result)
      if (!values.json) process.stdout.write(`\n${result.title}\n\n${tableOf(result)}\n\n`)
    } catch (error) {
      // One row that fails leaves the others their figures.
      process.exitCode = 1
      progress(`${row.name} FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`)
  else process.stdout.write(`${machine}\n`)
  const busiest = Math.max(0, ...results.map(({ otherShare, stolenShare }) => otherShare + stolenShare))
  if (busiest > QUIET_SHARE) progress('other programs used much of this machine; repeat the rows that say so')
  if (values.write) writeFigures(results, machine, new Date())
}

const PROCESSORS = navigator.hardwareConcurrency

process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
try {
  if (values.help) process.stdout.write(`${usage}\n`)
  else if (values.profile === undefined) await runRows()
  else await profile(values.profile, values.quick, progress)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
