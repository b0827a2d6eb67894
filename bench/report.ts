import { isMet } from './row.ts'
import type { Figure, Target } from './row.ts'
import type { Spread } from './spread.ts'

/** What one row gave, and how quiet the machine was meanwhile. */
export interface RowResult {
  name: string
  title: string
  figures: readonly Figure[]
  /** Share of the machine's processor time that other programs used, and that the hypervisor withheld, from 0 to 1. */
  otherShare: number
  stolenShare: number
  seconds: number
}

/** Above it, figures are of a machine that does something else as well. */
export const QUIET_SHARE = 0.1

const HEAD = ['measured', 'Millrace', 'limit', 'ratio', 'µs per message', 'target']

/** The result of a row as a Markdown table, which is also what a terminal shows. */
export const tableOf = ({ figures, otherShare, stolenShare, seconds }: RowResult): string => {
  const rows = [HEAD, HEAD.map(() => '---'), ...figures.map(cellsOf)]
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  const lines = rows.map((row) => `| ${row.map((cell, at) => pad(cell, widths[at] ?? 0)).join(' | ')} |`)
  const notes = figures.flatMap((figure) =>
    [...processorNote(figure), ...(figure.notes ?? [])].map((note) => `- ${note}`),
  )
  const quiet = `- Other programs used ${percent(otherShare)} of the machine, the hypervisor withheld ${percent(stolenShare)}; ${Math.round(seconds)} s in all.`
  return [...lines, '', ...new Set(notes), quiet].join('\n')
}

const pad = (cell: string, width: number): string => (cell === '---' ? '-'.repeat(width) : cell.padEnd(width))

const cellsOf = (figure: Figure): string[] => {
  const { what, unit, value, spread, limit, ratio, cpuMicros, limitCpuMicros, target } = figure
  const total = cpuMicros === undefined ? undefined : Object.values(cpuMicros).reduce((sum, part) => sum + part, 0)
  return [
    what,
    `${number(value)} ${unit}${rangeOf(spread, number)}`,
    limit === undefined ? '' : `${number(limit.value)} ${unit} (${limit.what})`,
    ratio === undefined ? '' : `${ratio.median.toFixed(2)}${rangeOf(ratio, (share) => share.toFixed(2))}`,
    [total, limitCpuMicros].flatMap((micros) => (micros === undefined ? [] : [number(micros)])).join(' / '),
    target === undefined ? '' : `${describe(target, unit)}: ${isMet(figure, target) ? 'met' : 'NOT met'}`,
  ]
}

const rangeOf = (spread: Spread | undefined, show: (value: number) => string): string =>
  spread === undefined || spread.count < 2 ? '' : ` (${show(spread.least)} to ${show(spread.greatest)})`

const processorNote = ({ what, cpuMicros }: Figure): string[] => {
  if (cpuMicros === undefined || Object.keys(cpuMicros).length < 2) return []
  const parts = Object.entries(cpuMicros).map(([name, micros]) => `${name} ${micros.toFixed(1)}`)
  return [`Processor µs per message, ${what}: ${parts.join(', ')}.`]
}

const describe = ({ of, atLeast, lessThan }: Target, unit: string): string => {
  const bound = atLeast === undefined ? `< ${number(lessThan ?? 0)}` : `≥ ${number(atLeast)}`
  return of === 'ratio' ? `ratio ${bound}` : `${bound} ${unit}`
}

const number = (value: number): string => {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-GB')
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toFixed(2)))
}

const percent = (share: number): string => `${Math.round(Math.max(0, share) * 100)} %`
