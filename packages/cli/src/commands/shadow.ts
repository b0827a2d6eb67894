import { defineCommand } from '../command.ts'
import { drawShadow } from '../draw-preview.ts'
import { UsageError } from '../failure.ts'
import { paintFor } from '../paint.ts'
import { readJsonFile } from '../read-json-file.ts'
import { connect } from '../server-address.ts'

export const shadow = defineCommand({
  name: 'shadow',
  summary: 'Compare other mappings with those in force over stored messages; nothing is sent.',
  argument: { name: 'destination', description: 'The id of the destination.', required: true },
  options: {
    mappings: {
      type: 'string',
      value: 'FILE',
      description: 'Mappings as JSON, as they would stand in the workspace.',
    },
    messages: {
      type: 'integer',
      value: 'N',
      default: 1000,
      description: 'Compare so many of the newest, at most 10,000.',
    },
    samples: { type: 'integer', value: 'N', default: 2, description: 'Show so many of each kind of difference.' },
  },
  examples: [{ title: 'Before a mapping is changed', command: 'millrace shadow hook --mappings mappings.json' }],
  async run({ context, values, argument: destination = '' }) {
    if (values.mappings === undefined) throw new UsageError('Name the file with the mappings to try: --mappings FILE.')
    const client = await connect({ context, values })
    const { messages, samples } = values
    const mappings = await readJsonFile(context, values.mappings)
    const report = await client.shadow(destination, { mappings, messages, samples })
    const paint = paintFor(context.stdout, context.env)
    context.stdout.write(values.json ? `${JSON.stringify(report)}\n` : drawShadow(report, paint))
    return 0
  },
})
