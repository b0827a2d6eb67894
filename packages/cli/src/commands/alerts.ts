import { defineCommand } from '../command.ts'
import { drawAlerts } from '../draw-alerts.ts'
import { paintFor } from '../paint.ts'
import { connect } from '../server-address.ts'
import { printable } from '../table.ts'

export const alerts = defineCommand({
  name: 'alerts',
  summary: 'Show the alerts and what they found; exit code 1 when one fires.',
  options: {
    test: { type: 'string', value: 'ID', description: 'Send a test to the notifiers of this alert instead.' },
  },
  examples: [
    { title: 'What fires, and what does not', command: 'millrace alerts' },
    { title: 'Whether the notifiers of an alert are reached', command: 'millrace alerts --test hook-failing' },
  ],
  async run({ context, values }) {
    const client = await connect({ context, values })
    const paint = paintFor(context.stdout, context.env)
    if (values.test !== undefined) {
      const answer = await client.testAlert(values.test)
      if (values.json) context.stdout.write(`${JSON.stringify(answer)}\n`)
      else if (answer.results.length === 0) context.stdout.write('This alert notifies nobody: its "notify" is empty.\n')
      else
        for (const { notifier, sent, message = '' } of answer.results) {
          const result = sent ? paint.green('sent') : `${paint.red('failed')}: ${printable(message)}`
          context.stdout.write(`${notifier}  ${result}\n`)
        }
      return answer.results.every(({ sent }) => sent) ? 0 : 1
    }
    const answer = await client.alerts()
    context.stdout.write(values.json ? `${JSON.stringify(answer)}\n` : drawAlerts(answer, paint))
    const isFiring = answer.alerts.some(({ subjects }) => subjects.some(({ state }) => state === 'firing'))
    return isFiring ? 1 : 0
  },
})
