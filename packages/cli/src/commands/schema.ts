import { defineCommand } from '../command.ts'
import { runServerProgram } from '../server-program.ts'

export const schema = defineCommand({
  name: 'schema',
  summary: 'Print the JSON Schema of a workspace document; no server is needed.',
  options: {},
  examples: [{ title: 'For completion in an editor', command: 'millrace schema > millrace.schema.json' }],
  run: ({ context }) => runServerProgram(context, ['schema']),
})
