import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tableOf } from './report.ts'
import type { RowResult } from './report.ts'

const document = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url))

/**
 * Replaces the figures of these rows in `docs/benchmarks.md`, each with its date and machine. What stands between the markers of
 * other rows, and what is written by hand, stays. Throws when the document lacks the markers of a row.
 */
export const writeFigures = (results: readonly RowResult[], machine: string, now: Date): void => {
  let text = readFileSync(document, 'utf8')
  for (const result of results) {
    const [start, end] = [`<!-- figures:${result.name} -->`, '<!-- /figures -->']
    const from = text.indexOf(start)
    const to = text.indexOf(end, from)
    if (from === -1 || to === -1)
      throw new Error(`docs/benchmarks.md lacks "${start} … ${end}"; add them where the figures go`)
    const body = `\n${tableOf(result)}\n- ${now.toISOString().slice(0, 10)}; ${machine}.\n`
    text = text.slice(0, from + start.length) + body + text.slice(to)
  }
  writeFileSync(document, text)
}
