import { parseArguments } from './parse-arguments.ts'
import { commands } from './commands.ts'
import { commonOptions } from './command.ts'
import type { CliContext } from './context.ts'
import { describeError, errorText } from './describe-error.ts'
import { UsageError } from './failure.ts'
import { helpOf, overview } from './help.ts'
import { paintFor } from './paint.ts'

/** Runs one command line and gives its exit code: 0 done, 1 failed or not balanced, 2 wrong use. */
export async function run(args: readonly string[], context: CliContext): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    context.stdout.write(overview(commands))
    return name === undefined ? 2 : 0
  }
  const command = commands.find((candidate) => candidate.name === name)
  if (command === undefined) {
    const names = commands.map((candidate) => candidate.name).join(', ')
    context.stderr.write(`millrace has no command "${name}". There are: ${names}.\n`)
    return 2
  }
  // Kept for errors of parsing itself, which have no values.
  let isJson = rest.includes('--json')
  let data: string = commonOptions.data.default
  try {
    const { values, argument, subject } = parseArguments(command, rest, context.env)
    if (values.help) {
      context.stdout.write(helpOf(command))
      return 0
    }
    isJson = values.json
    data = values.data
    return await command.run({ context, values, argument, subject })
  } catch (error) {
    if (context.signal.aborted) return 130
    const description = describeError(error, data)
    if (description === undefined) throw error
    const isUsage = error instanceof UsageError
    if (isJson) {
      const { code, message, errors } = description
      context.stderr.write(
        `${JSON.stringify({ error: errors.length > 0 ? { code, message, errors } : { code, message } })}\n`,
      )
    } else {
      const paint = paintFor(context.stderr, context.env)
      context.stderr.write(paint.red(errorText(description)))
      if (isUsage) context.stderr.write(`See: millrace ${command.name} --help\n`)
    }
    return isUsage ? 2 : 1
  }
}
