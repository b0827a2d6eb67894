import { defineCommand } from '../command.ts'
import { connect } from '../server-address.ts'

const argument = { name: 'destination', description: 'The id of the destination.', required: true } as const

export const pause = defineCommand({
  name: 'pause',
  summary: 'Send nothing more to a destination until it is resumed; its messages wait.',
  argument,
  options: {
    reason: { type: 'string', value: 'TEXT', description: 'Why, for those who look at it later.' },
  },
  examples: [{ title: 'While a partner works on its system', command: 'millrace pause hook --reason maintenance' }],
  async run({ context, values, argument: destination = '' }) {
    const { reason } = values
    const answer = await (await connect({ context, values })).pause(destination, reason === undefined ? {} : { reason })
    context.stdout.write(
      values.json
        ? `${JSON.stringify(answer)}\n`
        : `${destination} is paused. Its messages wait until: millrace resume ${destination}\n`,
    )
    return 0
  },
})

export const resume = defineCommand({
  name: 'resume',
  summary: 'Go on sending to a destination that was paused.',
  argument,
  options: {},
  examples: [{ title: 'Go on where it stopped', command: 'millrace resume hook' }],
  async run({ context, values, argument: destination = '' }) {
    const answer = await (await connect({ context, values })).resume(destination)
    context.stdout.write(values.json ? `${JSON.stringify(answer)}\n` : `${destination} is ${answer.state}.\n`)
    return 0
  },
})
