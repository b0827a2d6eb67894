import { compareFile } from '../compare/compare-file.ts'
import { Comparison } from '../compare/comparison.ts'
import { drawComparison } from '../compare/draw-comparison.ts'
import type { ComparisonReport } from '../compare/draw-comparison.ts'
import { IdSet } from '../compare/id-set.ts'
import { KnownMessages } from '../compare/known-messages.ts'
import { countMissingThere } from '../compare/missing-there.ts'
import { readWindow } from '../compare/read-window.ts'
import { defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { paintFor } from '../paint.ts'
import { Progress } from '../progress.ts'
import { connect } from '../server-address.ts'

/** 160 MB. */
const maxIds = 20_000_000

export const compare = defineCommand({
  name: 'compare',
  summary: 'Compare an export of another system with what is here; exit code 1 when something is missing.',
  description:
    'For each message of the file: is it here, and is it the same? Compared are type, event, name, category, userId, anonymousId, ' +
    'groupId, previousId, properties, traits and timestamp; context, integrations and the times of sending and receipt are not. ' +
    'A line that is only an id is looked up only. With --from and --to also the other direction: what was received here in that time ' +
    `and is not in the file, up to ${maxIds / 1_000_000} million ids; it reads the log from its oldest message on, twice. ` +
    'For more than some ten thousand messages give the time in any case: what is the same there needs no look-up of its own.',
  argument: {
    name: 'file',
    description:
      'Raw messages or rows with messageId, message_id or id as JSON lines, or an id a line; - reads the standard input.',
    required: true,
  },
  options: {
    source: { type: 'string', value: 'ID', description: 'Count only what came from this source.' },
    from: { type: 'string', value: 'TIME', description: 'Other direction: received at or after, ISO 8601.' },
    to: { type: 'string', value: 'TIME', description: 'Other direction: received before, ISO 8601. Default: now.' },
    'tolerance-ms': {
      type: 'integer',
      value: 'N',
      default: 5000,
      description: 'How far timestamps may lie apart, in milliseconds; each system corrects them by its own clock.',
    },
    examples: {
      type: 'integer',
      value: 'N',
      default: 5,
      description: 'Show so many messages of each kind of difference.',
    },
  },
  examples: [
    { title: 'Is everything here that the other system has?', command: 'millrace compare export.ndjson' },
    {
      title: 'Both directions, for one day of one source',
      command: 'millrace compare day.ndjson --source web --from 2026-11-01T00:00:00Z --to 2026-11-02T00:00:00Z',
    },
  ],
  async run({ context, values, argument: file = '-' }) {
    const window = windowOf(values.from, values.to)
    const client = await connect({ context, values })
    const { source } = values
    const comparison = new Comparison(values.examples)
    const ids = window === undefined ? undefined : new IdSet(maxIds)
    const known = window === undefined ? undefined : new KnownMessages()
    const inWindow = (between: Between, onProgress: OnProgress) =>
      readWindow(client, { source, ...between }, { signal: context.signal, onProgress })
    if (window !== undefined && known !== undefined) {
      await withProgress('Read messages of the log', (onProgress) => known.read(inWindow(window, onProgress)))
    }
    const messages = await withProgress('Compared messages', (onProgress) =>
      compareFile({
        context,
        client,
        file,
        source,
        timestampToleranceMs: values['tolerance-ms'],
        comparison,
        known,
        ids,
        onProgress,
      }),
    )
    const report: ComparisonReport = { file, messages, total: comparison.total, events: [], examples: [] }
    if (window !== undefined && ids !== undefined) {
      report.repeated = ids.seal()
      const received = await withProgress('Compared messages of the log', (onProgress) =>
        countMissingThere(inWindow(window, onProgress), ids, comparison),
      )
      report.window = { from: isoOf(window.fromMs), to: isoOf(window.toMs), messages: received }
    }
    const { total, events, examples } = comparison
    Object.assign(report, { total, events, examples })
    context.stdout.write(
      values.json ? `${JSON.stringify(report)}\n` : drawComparison(report, paintFor(context.stdout, context.env)),
    )
    return total.missingHere + total.missingThere === 0 ? 0 : 1

    async function withProgress<T>(label: string, work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
      const progress = new Progress(context.stderr, label)
      return work((done) => progress.update(done)).finally(() => progress.end())
    }
  },
})

interface Between {
  fromMs: number
  toMs: number
}
type OnProgress = (done: number) => void

function windowOf(from: string | undefined, to: string | undefined): Between | undefined {
  if (from === undefined && to === undefined) return undefined
  if (from === undefined)
    throw new UsageError('--to needs --from: where the time begins, such as 2026-11-01T00:00:00Z.')
  const fromMs = timeOf('--from', from)
  const toMs = to === undefined ? Date.now() : timeOf('--to', to)
  if (fromMs >= toMs) throw new UsageError(`--from (${from}) must lie before --to (${to ?? 'now'}).`)
  return { fromMs, toMs }
}

function timeOf(option: string, text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new UsageError(`${option} takes a time such as 2026-11-01T00:00:00Z, not "${text}".`)
  return ms
}

const isoOf = (ms: number): string => new Date(ms).toISOString()
