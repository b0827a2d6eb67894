import type { Json } from '@millrace/protocol'
import type { Paint } from '../paint.ts'
import { columns, printable, table } from '../table.ts'
import type { Counts, Example, Verdict } from './comparison.ts'

/** What `millrace compare --json` prints, and what the table is drawn from. */
export interface ComparisonReport {
  file: string
  /** Messages of the file, and how many of them repeat an id; the latter is known when a time was given. */
  messages: number
  repeated?: number
  /** The other direction: messages that Millrace received in this time, each copy of a resent one counted. */
  window?: { from: string; to: string; messages: number }
  total: Counts
  events: readonly { event: string; counts: Counts }[]
  examples: readonly Example[]
}

const titles: { readonly [verdict in Verdict]: string } = {
  equal: 'equal',
  found: 'found',
  differs: 'differs',
  missingHere: 'missing here',
  missingThere: 'missing there',
}
const shownDifferences = 5
const shownEvents = 40

/** The report for people: a table by event, the first examples with what to do next, one line as the result. */
export function drawComparison(report: ComparisonReport, paint: Paint): string {
  const { total, events, examples, window, messages, repeated, file } = report
  const shown = (Object.keys(titles) as Verdict[]).filter(
    (verdict) => total[verdict] > 0 || (verdict !== 'found' && (verdict !== 'missingThere' || window !== undefined)),
  )
  const row = (name: string, counts: Counts) => [name, ...shown.map((verdict) => counts[verdict])]
  const rows = events.slice(0, shownEvents).map(({ event, counts }) => row(event, counts))
  const parts = [`${table(['event', ...shown.map((verdict) => titles[verdict])], [...rows, row('all', total)])}\n`]
  if (events.length > shownEvents) parts.push(`${events.length - shownEvents} more events: see --json.\n`)
  if (examples.length > 0) parts.push(`\n${examples.map((example) => drawExample(example, paint)).join('')}`)
  const again = repeated === undefined || repeated === 0 ? '' : ` (${repeated.toLocaleString('en')} repeat an id)`
  const there =
    window === undefined
      ? 'Not asked: what Millrace has and the file lacks (--from and --to).'
      : `Millrace received ${window.messages.toLocaleString('en')} messages from ${window.from} to ${window.to}, resent copies included.`
  parts.push(`\n${printable(file)} has ${messages.toLocaleString('en')} messages${again}. ${there}\n`)
  const missing = total.missingHere + total.missingThere
  const result =
    missing === 0 ? paint.green('Nothing is missing.') : paint.red(`${missing.toLocaleString('en')} missing.`)
  parts.push(total.differs === 0 ? `${result}\n` : `${result} ${total.differs.toLocaleString('en')} differ.\n`)
  return parts.join('')
}

function drawExample({ verdict, messageId, what, differences, otherSources }: Example, paint: Paint): string {
  const words = what === undefined ? '' : ` ${printable(what)}`
  const head = `${paint.bold(titles[verdict])} ${printable(messageId)}${words}\n`
  if (verdict === 'missingHere') {
    const hint =
      otherSources === undefined
        ? 'never accepted, refused (see: millrace tail), or older than the retention'
        : `it came from another source: ${otherSources.map((source) => printable(source)).join(', ')}`
    return `${head}  ${paint.dim(hint)}\n`
  }
  const rows = (differences ?? [])
    .slice(0, shownDifferences)
    .map(({ path, there, here }) => [`  ${printable(path)}`, `there ${brief(there)}`, `here ${brief(here)}`])
  const more = (differences?.length ?? 0) - shownDifferences
  return [
    head,
    rows.length === 0 ? '' : `${columns(rows)}\n`,
    more > 0 ? `  and ${more} more\n` : '',
    `  ${paint.dim(`millrace trace ${shellWord(messageId)} --body`)}\n`,
  ].join('')
}

const brief = (value: Json | undefined): string => {
  const text = value === undefined ? '(none)' : JSON.stringify(value)
  return printable(text.length > 60 ? `${text.slice(0, 59)}…` : text)
}

/** For a POSIX shell, only where it is needed. */
const shellWord = (text: string): string =>
  /^[\w.:@%+/=-]+$/.test(text) && !text.startsWith('-')
    ? text
    : `'${printable(text).replaceAll("'", String.raw`'\''`)}'`
