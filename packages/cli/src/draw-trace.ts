import { isJsonObject } from '@millrace/protocol'
import type { MessageTrace, TraceStage } from '@millrace/protocol'
import { describeMessage } from './describe-message.ts'
import type { Paint } from './paint.ts'
import { columns, printable } from './table.ts'

/** One copy of a message as a line of stages that ends in its destinations. */
export function drawTrace(trace: MessageTrace, paint: Paint, withBody: boolean): string {
  const head = [
    `${paint.bold(`message ${printable(trace.messageId)}`)}  ${describeMessage(trace.message)}`,
    paint.dim(`source ${printable(trace.source)}, received ${trace.receivedAt}, position ${trace.position}`),
  ]
  const line = trace.stages.filter(({ stage }) => stage !== 'delivery')
  const ends = trace.stages.filter(({ stage }) => stage === 'delivery')
  const receivedMs = Date.parse(trace.receivedAt)
  const rows = columns([
    ...line.map((stage) => row('●', stage.stage, stage, receivedMs)),
    ...ends.map((stage, index) => row(index === ends.length - 1 ? '└─▶' : '├─▶', whereOf(stage), stage, receivedMs)),
  ]).split('\n')
  const stages = [...line, ...ends]
  const drawn = rows.flatMap((text, index) => {
    const stage = stages[index]
    const coloured = stage === undefined ? text : colour(stage.outcome, paint)(text)
    const isBetweenStages = index < stages.length - 1 && stage?.stage !== 'delivery'
    const notes = violationsOf(stage).map((reason) => `  │   ${paint.yellow(`violation: ${printable(reason)}`)}`)
    return isBetweenStages ? [`  ${coloured}`, ...notes, '  │'] : [`  ${coloured}`]
  })
  const body = withBody ? ['', ...bodyLines(trace)] : []
  return `${[...head, '', ...drawn, ...body].join('\n')}\n`
}

function row(mark: string, name: string, stage: TraceStage, receivedMs: number): string[] {
  const { violations: _, ...detail } = stage.detail ?? {}
  const reason = [stage.reason, Object.keys(detail).length === 0 ? undefined : JSON.stringify(detail)]
    .filter((text) => text !== undefined)
    .join(' ')
  return [`${mark} ${printable(name)}`, printable(stage.outcome), since(stage.at, receivedMs), printable(reason)]
}

/** What each violation says; they stand below the stage that found them. */
function violationsOf(stage: TraceStage | undefined): string[] {
  const violations = stage?.detail?.['violations']
  if (!Array.isArray(violations)) return []
  return violations.flatMap((violation) =>
    isJsonObject(violation) && typeof violation['reason'] === 'string' ? [violation['reason']] : [],
  )
}

const whereOf = ({ destination, replay, action }: TraceStage): string =>
  `${destination ?? '?'}${replay === undefined ? '' : ` by ${replay}`}${action === undefined ? '' : ` (${action})`}`

/** Times after the first are easier to read as a distance to it. */
function since(at: string | undefined, receivedMs: number): string {
  if (at === undefined) return ''
  const distanceMs = Date.parse(at) - receivedMs
  if (!Number.isFinite(distanceMs) || distanceMs < 0 || distanceMs >= 60_000) return at
  return `+${distanceMs} ms`
}

const colours: { readonly [outcome: string]: 'green' | 'yellow' | 'red' | 'dim' } = {
  accepted: 'green',
  resolved: 'green',
  delivered: 'green',
  pending: 'yellow',
  duplicate: 'yellow',
  dead: 'red',
  rejected: 'red',
  dropped: 'red',
  filtered: 'dim',
}

const colour = (outcome: string, paint: Paint): ((text: string) => string) => {
  const name = colours[outcome]
  return name === undefined ? (text) => text : paint[name]
}

const bodyLines = (trace: MessageTrace): string[] =>
  JSON.stringify(trace.message, undefined, 2)
    .split('\n')
    .map((text) => `  ${printable(text)}`)
