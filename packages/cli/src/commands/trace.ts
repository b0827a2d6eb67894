import { ApiError } from '@millrace/api-client'
import { defineCommand } from '../command.ts'
import { drawTrace } from '../draw-trace.ts'
import { CommandFailure } from '../failure.ts'
import { paintFor } from '../paint.ts'
import { connect } from '../server-address.ts'

export const trace = defineCommand({
  name: 'trace',
  summary: 'Show every stage that a message passed, with time and outcome.',
  argument: { name: 'messageId', description: 'The id that the client gave the message.', required: true },
  options: { body: { type: 'boolean', description: 'Print the message itself as well.' } },
  examples: [
    { title: 'Where did this message go?', command: 'millrace trace 5f1c2d9e' },
    { title: 'With its content', command: 'millrace trace 5f1c2d9e --body' },
  ],
  async run({ context, values, argument: messageId = '' }) {
    const client = await connect({ context, values })
    const answer = await client.message(messageId).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 'not_found') return undefined
      throw error
    })
    if (answer === undefined || answer.traces.length === 0) {
      throw new CommandFailure(
        `No message with the id "${messageId}" is in the log. It was never accepted here (see: millrace ledger, "rejected"), ` +
          'or its retention is over.',
      )
    }
    if (values.json) {
      context.stdout.write(`${JSON.stringify(answer)}\n`)
      return 0
    }
    const paint = paintFor(context.stdout, context.env)
    context.stdout.write(answer.traces.map((copy) => drawTrace(copy, paint, values.body)).join('\n'))
    return 0
  },
})
