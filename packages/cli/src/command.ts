import type { Json } from '@millrace/protocol'
import type { CliContext } from './context.ts'

/** What an option takes. Help, parsing and the reference page are read off this. */
export interface OptionSpec {
  type: 'string' | 'boolean' | 'integer' | 'json'
  description: string
  /** How help names the value: `FILE`. */
  value?: string
  short?: string
  /** May be given more than once. */
  many?: true
  /** The environment variable that stands in for it. */
  env?: string
  default?: string | number
}
export type OptionSpecs = { readonly [name: string]: OptionSpec }

type ValueOf<S extends OptionSpec> = S['type'] extends 'boolean'
  ? boolean
  : S['type'] extends 'integer'
    ? number
    : S['type'] extends 'json'
      ? Json
      : string

/** The values of a command's options: a list where `many`, always there with a default, else maybe undefined. */
export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]: O[K] extends { many: true }
    ? readonly ValueOf<O[K]>[]
    : O[K] extends { type: 'boolean' } | { default: string | number }
      ? ValueOf<O[K]>
      : ValueOf<O[K]> | undefined
}

/** On every command. */
export const commonOptions = {
  json: { type: 'boolean', description: 'Print JSON for programs.' },
  port: {
    type: 'integer',
    value: 'N',
    env: 'MILLRACE_PORT',
    description: 'Port of the server. Default: that of the server that runs on the data folder.',
  },
  data: {
    type: 'string',
    value: 'DIR',
    env: 'MILLRACE_DATA',
    default: './.millrace',
    description: 'The data folder; the admin token is read from it.',
  },
  help: { type: 'boolean', short: 'h', description: 'Print this help.' },
} as const satisfies OptionSpecs

/** A command may say more of a common option than all do. */
type WithCommon<O extends OptionSpecs> = Omit<typeof commonOptions, keyof O> & O

/** All options of a command, its own first. */
export const optionsOf = ({ options }: Command): OptionSpecs => ({ ...options, ...commonOptions, ...options })

export interface PositionalSpec {
  name: string
  description: string
  required: boolean
}

export interface Invocation<O extends OptionSpecs> {
  context: CliContext
  values: OptionValues<WithCommon<O>>
  /** The argument that the command takes beside its options. */
  argument: string | undefined
  /** The second one, of a command that takes two. */
  subject: string | undefined
}

export interface Command<O extends OptionSpecs = OptionSpecs> {
  name: string
  /** One line, for the list of commands. */
  summary: string
  /** What else one should know, for its own help. */
  description?: string
  argument?: PositionalSpec
  /** What stands behind the argument. */
  subject?: PositionalSpec
  options: O
  examples: readonly { title: string; command: string }[]
  /** Resolves to the exit code: 0 ok, 1 failed. Throws `UsageError`, `CommandFailure` or `ApiError`. */
  run(invocation: Invocation<O>): Promise<number>
}

/** Declares a command; the types of its values follow from its options. */
export const defineCommand = <const O extends OptionSpecs>(command: Command<O>): Command =>
  // Here the type of the values is erased: the parser makes them from the same declaration.
  command
