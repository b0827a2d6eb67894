import type { ViolationCount } from '@millrace/protocol'
import { defineCommand } from '../command.ts'
import { connect } from '../server-address.ts'
import { table } from '../table.ts'

export const violations = defineCommand({
  name: 'violations',
  summary: 'Show where events differ from the standard events that their names stand for.',
  description:
    'A violation is a property of a wrong type, outside of its choices, or missing. It never blocks a message: it is counted ' +
    'by source, event and property, and stands in the trace of the message.',
  options: {
    source: { type: 'string', value: 'ID', description: 'Of this source only.' },
    event: { type: 'string', value: 'NAME', description: 'Of this standard event only.' },
  },
  examples: [
    { title: 'All of them, the most frequent first', command: 'millrace violations' },
    { title: 'What one source gets wrong', command: 'millrace violations --source web' },
  ],
  async run({ context, values }) {
    const client = await connect({ context, values })
    const answer = await client.violations({ source: values.source })
    const wanted = answer.violations.filter(({ event }) => values.event === undefined || event === values.event)
    context.stdout.write(values.json ? `${JSON.stringify({ violations: wanted })}\n` : `${draw(wanted)}\n`)
    return 0
  },
})

function draw(found: readonly ViolationCount[]): string {
  if (found.length === 0) return 'No violation, or none like that.'
  const rows = found.map(({ source, event, property, messages, last }) => [
    source,
    event,
    property,
    messages,
    last.at,
    last.messageId,
    last.reason,
  ])
  return table(['source', 'event', 'property', 'messages', 'last', 'for example', 'which says'], rows)
}
