export { commonOptions } from './command.ts'
export type { Command, OptionSpec, OptionSpecs, PositionalSpec } from './command.ts'
export { commands } from './commands.ts'
