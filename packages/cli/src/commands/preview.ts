import { isJsonObject } from '@millrace/protocol'
import type { JsonObject } from '@millrace/protocol'
import { defineCommand } from '../command.ts'
import type { CliContext } from '../context.ts'
import { drawPreview } from '../draw-preview.ts'
import { CommandFailure, UsageError } from '../failure.ts'
import { paintFor } from '../paint.ts'
import { readJsonFile } from '../read-json-file.ts'
import { connect } from '../server-address.ts'

export const preview = defineCommand({
  name: 'preview',
  summary: 'Show what a destination would do with a message; nothing is sent.',
  argument: { name: 'destination', description: 'The id of the destination.', required: true },
  options: {
    id: { type: 'string', value: 'MESSAGEID', description: 'A stored message.' },
    message: { type: 'string', value: 'FILE', description: 'A message as JSON, as a client would send it.' },
    source: { type: 'string', value: 'ID', description: 'With --message: the source that it would be from.' },
    mappings: {
      type: 'string',
      value: 'FILE',
      description: 'Mappings as JSON, as they would stand in the workspace. Default: those in force.',
    },
  },
  examples: [
    { title: 'A message that arrived', command: 'millrace preview hook --id 5f1c2d9e' },
    {
      title: 'Other mappings, before they are applied',
      command: 'millrace preview hook --id 5f1c2d9e --mappings mappings.json',
    },
  ],
  async run({ context, values, argument: destination = '' }) {
    if ((values.id === undefined) === (values.message === undefined)) {
      throw new UsageError('Say which message: --id of a stored one, or --message with a file.')
    }
    const client = await connect({ context, values })
    const result = await client.preview(destination, {
      messageId: values.id,
      message: values.message === undefined ? undefined : await readMessage(context, values.message),
      source: values.source,
      mappings: values.mappings === undefined ? undefined : await readJsonFile(context, values.mappings),
    })
    const paint = paintFor(context.stdout, context.env)
    context.stdout.write(values.json ? `${JSON.stringify(result)}\n` : drawPreview(result, paint))
    return result.outcome === 'invalid' ? 1 : 0
  },
})

async function readMessage(context: CliContext, file: string): Promise<JsonObject> {
  const message = await readJsonFile(context, file)
  if (isJsonObject(message)) return message
  throw new CommandFailure(`${file} holds no message: a message is a JSON object.`)
}
