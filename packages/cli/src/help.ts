import { optionsOf } from './command.ts'
import type { Command, OptionSpec, OptionSpecs } from './command.ts'
import { columns } from './table.ts'

/** The help of the whole: one line for each command. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [`  ${name}`, summary])
  return `Millrace, a self-hosted customer data pipeline.

Usage: millrace <command> [options]

${columns(rows)}

Each command has its own help: millrace <command> --help
Exit codes: 0 done, 1 failed or not balanced, 2 wrong use.
`
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const positionals = [command.argument, command.subject].filter((each) => each !== undefined)
  const usage = positionals.map(({ name, required }) => (required ? ` <${name}>` : ` [${name}]`)).join('')
  const parts = [`millrace ${command.name}: ${command.summary}`, `Usage: millrace ${command.name}${usage} [options]`]
  if (command.description !== undefined) parts.push(command.description)
  if (positionals.length > 0) {
    parts.push(columns(positionals.map(({ name, description }) => [`  ${name}`, description])))
  }
  parts.push(`Options:\n${columns(optionRows(optionsOf(command)))}`)
  parts.push(`Examples:\n${command.examples.map(({ title, command: line }) => `  # ${title}\n  ${line}`).join('\n')}`)
  return `${parts.join('\n\n')}\n`
}

const optionRows = (options: OptionSpecs): string[][] =>
  Object.entries(options).map(([name, spec]) => [`  ${flagOf(name, spec)}`, textOf(spec)])

const flagOf = (name: string, spec: OptionSpec): string =>
  `${spec.short === undefined ? '' : `-${spec.short}, `}--${name}${spec.type === 'boolean' ? '' : ` ${spec.value ?? placeholders[spec.type]}`}`

const placeholders = { string: 'TEXT', integer: 'N', json: 'JSON', boolean: '' } as const

const textOf = (spec: OptionSpec): string =>
  [
    spec.description,
    ...(spec.many === true ? ['May be repeated.'] : []),
    ...(spec.default === undefined ? [] : [`Default: ${spec.default}.`]),
    ...(spec.env === undefined ? [] : [`Environment: ${spec.env}.`]),
  ].join(' ')
