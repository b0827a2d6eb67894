import type { Json } from '@millrace/protocol'
import { parseArgs } from 'node:util'
import { optionsOf } from './command.ts'
import type { Command, commonOptions, OptionSpec, OptionSpecs, OptionValues } from './command.ts'
import type { CliContext } from './context.ts'
import { UsageError } from './failure.ts'

type Value = Json | readonly Json[] | undefined

/**
 * Reads the arguments behind a command's name. An option that is not given is taken from its environment variable,
 * then from its default. Throws `UsageError`.
 */
export function parseArguments(
  command: Command,
  args: readonly string[],
  env: CliContext['env'],
): {
  values: OptionValues<OptionSpecs & typeof commonOptions>
  argument: string | undefined
  subject: string | undefined
} {
  const specs = optionsOf(command)
  const { values: texts, positionals } = parseTexts(specs, args)
  const values: { [name: string]: Value } = {}
  // Only help is looked at then, so nothing else has to be right.
  if (texts['help'] === true) return { values: { help: true } as never, argument: undefined, subject: undefined }
  for (const [name, spec] of Object.entries(specs)) values[name] = valueOf(name, spec, texts[name], env)
  const [argument, ...others] = positionals
  const [subject, ...rest] = command.subject === undefined ? [undefined, ...others] : others
  if (argument !== undefined && command.argument === undefined) throw unexpected(command, argument)
  if (rest[0] !== undefined) throw unexpected(command, rest[0])
  if (argument === undefined && command.argument?.required === true) {
    throw new UsageError(`millrace ${command.name} needs ${command.argument.name}: ${command.argument.description}`)
  }
  return { values: values as never, argument, subject }
}

type Texts = { [name: string]: string | boolean | (string | boolean)[] | undefined }

function parseTexts(specs: OptionSpecs, args: readonly string[]): { values: Texts; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, many, short }]) => [
      name,
      {
        type: type === 'boolean' ? ('boolean' as const) : ('string' as const),
        multiple: many === true,
        ...(short === undefined ? {} : { short }),
      },
    ]),
  )
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      // What follows its first sentence is about positional arguments, which is never the mistake here.
      throw new UsageError(`${error.message.split('. ')[0]}.`)
    }
    throw error
  }
}

function valueOf(name: string, spec: OptionSpec, given: Texts[string], env: CliContext['env']): Value {
  if (spec.type === 'boolean') return given === true
  if (spec.many === true) {
    const list = Array.isArray(given) ? given : []
    return list.map((text) => convert(`--${name}`, spec, String(text)))
  }
  if (typeof given === 'string') return convert(`--${name}`, spec, given)
  const fromEnvironment = spec.env === undefined ? undefined : env[spec.env]
  if (fromEnvironment !== undefined && fromEnvironment !== '') return convert(spec.env ?? name, spec, fromEnvironment)
  return spec.default
}

function convert(label: string, spec: OptionSpec, text: string): Json {
  if (spec.type === 'integer') {
    if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${label} takes a whole number, not "${text}".`)
    return Number(text)
  }
  if (spec.type !== 'json') return text
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${label} takes JSON, such as '{"plan":"pro"}'. ${reason}`)
  }
}

const unexpected = (command: Command, text: string): UsageError =>
  new UsageError(
    command.argument === undefined
      ? `millrace ${command.name} takes options only, not "${text}".`
      : `millrace ${command.name} takes one ${command.argument.name}; "${text}" is one too many. Quote it if it is part of the first.`,
  )
