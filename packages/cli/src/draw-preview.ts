import type { Preview, PreviewedAction, PreviewedRequest, ShadowReport } from '@millrace/protocol'
import type { Paint } from './paint.ts'
import { columns, printable } from './table.ts'

const colours = { matched: 'green', filtered: 'dim', invalid: 'red' } as const

/** What a destination would do with one message: each action, its request or what is wrong. */
export function drawPreview({ messageId, outcome, reason, actions }: Preview, paint: Paint): string {
  const verdict = reason === undefined ? outcome : `${outcome} (${reason})`
  const coloured = paint[colours[outcome]](verdict)
  const lines = [`${paint.bold(`message ${printable(messageId)}`)}  ${coloured}`]
  for (const action of actions) lines.push('', ...actionLines(action, paint))
  return `${lines.join('\n')}\n`
}

function actionLines({ name, action, trigger, matched, fields, requests, problems }: PreviewedAction, paint: Paint) {
  const title = name === action ? printable(name) : `${printable(name)} (${action})`
  if (!matched) return [paint.dim(`○ ${title}  not matched by: ${printable(trigger)}`)]
  const lines = [`${problems === undefined ? paint.green('●') : paint.red('●')} ${title}`]
  for (const { path, message } of problems ?? []) {
    lines.push(paint.red(`    ${path === '' ? '' : `${printable(path)}: `}${printable(message)}`))
  }
  if (requests !== undefined) return [...lines, ...requests.flatMap((request) => requestLines(request))]
  return fields === undefined ? lines : [...lines, ...indented(JSON.stringify(fields, undefined, 2))]
}

const requestLines = ({ method, url, headers, body }: PreviewedRequest): string[] => [
  `    ${method} ${printable(url)}`,
  ...Object.entries(headers).map(([name, value]) => `    ${printable(name)}: ${printable(value)}`),
  ...(body === undefined ? [] : indented(typeof body === 'string' ? body : JSON.stringify(body, undefined, 2))),
]

const indented = (text: string): string[] => text.split('\n').map((line) => `    ${printable(line)}`)

/** How two configurations differ, and a sample of each difference. */
export function drawShadow(report: ShadowReport, paint: Paint): string {
  const { messages, unchanged, changed, newlyMatched, newlyFiltered, newlyFailing, repaired, samples } = report
  const rows: [string, number][] = [
    ['unchanged', unchanged],
    ['changed', changed],
    ['newly matched', newlyMatched],
    ['newly filtered', newlyFiltered],
    ['newly failing', newlyFailing],
    ['repaired', repaired],
  ]
  const table = columns(
    rows.map(([name, count]) => [name, String(count)]),
    [false, true],
  )
  const lines = [`Over the newest ${messages} messages:`, '', table]
  for (const { kind, messageId, before, after } of samples) {
    lines.push('', paint.bold(`${kind}: ${printable(messageId)}`), 'today:', drawPreview(before, paint).trimEnd())
    lines.push('then:', drawPreview(after, paint).trimEnd())
  }
  return `${lines.join('\n')}\n`
}
