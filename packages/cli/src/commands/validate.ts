import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { runServerProgram } from '../server-program.ts'

const usualNames = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'].map((extension) => `millrace.config.${extension}`)

export const validate = defineCommand({
  name: 'validate',
  summary: 'Check a workspace file; no server is needed.',
  options: {
    config: {
      type: 'string',
      value: 'FILE',
      env: 'MILLRACE_CONFIG',
      description: 'The file. Default: millrace.config.{ts,js,json,yaml} in the current folder.',
    },
  },
  examples: [{ title: 'Before a deployment', command: 'millrace validate --config millrace.config.ts' }],
  run({ context, values }) {
    const file = values.config ?? usualNames.find((name) => existsSync(resolve(context.cwd, name)))
    if (file === undefined) {
      throw new UsageError(
        `There is no millrace.config.{ts,js,json,yaml} in ${context.cwd}. Name the file with --config.`,
      )
    }
    return runServerProgram(context, ['validate', '--config', file, ...(values.json ? ['--json'] : [])])
  },
})
