import { defineCommand } from '../command.ts'
import { runServerProgram } from '../server-program.ts'

export const start = defineCommand({
  name: 'start',
  summary: 'Run the server.',
  description:
    'Runs until it gets SIGTERM or Ctrl-C, then finishes what it has begun. With --config the file is the truth; without, ' +
    'the workspace that is stored in the data folder is.',
  options: {
    config: {
      type: 'string',
      value: 'FILE',
      env: 'MILLRACE_CONFIG',
      description: 'The workspace: TypeScript, JSON or YAML.',
    },
    port: {
      type: 'integer',
      value: 'N',
      env: 'MILLRACE_PORT',
      description: 'Port to listen on; 0 takes a free one and prints it.',
      default: 8420,
    },
    host: {
      type: 'string',
      value: 'H',
      env: 'MILLRACE_HOST',
      description: 'Address to listen on.',
      default: '127.0.0.1',
    },
    'ingest-processes': {
      type: 'integer',
      value: 'N',
      description: 'Processes that accept messages. Default: one for each core but one.',
    },
    roles: { type: 'string', value: 'LIST', description: 'Some of ingest,resolve,deliver,control. Default: all.' },
  },
  examples: [
    { title: 'With a workspace file', command: 'millrace start --config millrace.config.ts' },
    { title: 'On any free port, which it prints', command: 'millrace start --config millrace.config.ts --port 0' },
  ],
  run({ context, values }) {
    const args = ['start', '--data', values.data, '--port', String(values.port), '--host', values.host]
    if (values.config !== undefined) args.push('--config', values.config)
    if (values.roles !== undefined) args.push('--roles', values.roles)
    if (values['ingest-processes'] !== undefined) args.push('--ingest-processes', String(values['ingest-processes']))
    if (values.json) args.push('--json')
    return runServerProgram(context, args)
  },
})
