import { styleText } from 'node:util'
import type { CliContext, Output } from './context.ts'

export interface Paint {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
}

/** Colours for an output: only on a terminal, and not when `NO_COLOR` is set (https://no-color.org). */
export function paintFor(output: Output, env: CliContext['env']): Paint {
  const isColoured = output.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  const style = (format: keyof Paint) => (text: string) =>
    isColoured ? styleText(format, text, { validateStream: false }) : text
  return { bold: style('bold'), dim: style('dim'), red: style('red'), green: style('green'), yellow: style('yellow') }
}
