import type { ApiClient } from '@millrace/api-client'
import type { DeadLetterCausesAnswer, DeadLettersAnswer } from '@millrace/protocol'
import { defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { drawDeadLetter } from '../draw-dead-letter.ts'
import { paintFor } from '../paint.ts'
import { connect } from '../server-address.ts'
import { printable, table } from '../table.ts'

export const dead = defineCommand({
  name: 'dead',
  summary: 'Show what will not be delivered unless somebody acts, and why.',
  description:
    'Without a destination, or with one alone: the causes, each with how many messages it holds. With --list, or one of the ' +
    'options that choose: the messages, the latest first. With --id: one of them, with the message, the request and the answer.',
  argument: {
    name: 'destination',
    description: 'The id of a destination. Default: all that have dead messages.',
    required: false,
  },
  options: {
    id: { type: 'string', value: 'ID', description: 'Everything about the one that the list calls so.' },
    list: { type: 'boolean', description: 'Each message instead of the causes.' },
    action: { type: 'string', value: 'NAME', description: 'Only messages of this mapping.' },
    reason: { type: 'string', value: 'REASON', description: 'Only messages with this reason.' },
    code: { type: 'string', value: 'CODE', description: 'Only messages with this code.' },
    limit: { type: 'integer', value: 'N', default: 20, description: 'So many messages, at most 1000.' },
  },
  examples: [
    { title: 'What is wrong, everywhere', command: 'millrace dead' },
    { title: 'The messages of one cause', command: 'millrace dead hook --code http_400' },
    { title: 'What was sent, and what came back', command: 'millrace dead hook --id 4096:3:send' },
  ],
  async run({ context, values, argument }) {
    const client = await connect({ context, values })
    const { id, list, action, reason, code, limit, json } = values
    const isList = list || action !== undefined || reason !== undefined || code !== undefined
    if ((isList || id !== undefined) && argument === undefined)
      throw new UsageError('Say of which destination the messages are to be listed.')
    const print = (value: unknown, drawn: () => string): void =>
      void context.stdout.write(json ? `${JSON.stringify(value)}\n` : `${drawn()}\n`)
    if (id !== undefined && argument !== undefined) {
      const letter = await client.deadLetter(argument, id)
      print(letter, () => drawDeadLetter(letter, paintFor(context.stdout, context.env)))
      return 0
    }
    if (isList && argument !== undefined) {
      const answer = await client.deadLetters(argument, { action, reason, code, limit })
      print(answer, () => drawLetters(answer))
      return 0
    }
    const destinations = argument === undefined ? await withDeadLetters(client) : [argument]
    const answers = await Promise.all(
      destinations.map(async (destination) => ({ destination, ...(await client.deadLetterCauses(destination)) })),
    )
    print(answers, () => drawCauses(answers))
    return 0
  },
})

async function withDeadLetters(client: ApiClient): Promise<string[]> {
  const { destinations } = await client.ledger()
  const ids = destinations.filter((row) => Object.values(row.dead).some((count) => count > 0))
  return [...new Set(ids.map(({ destination }) => destination))]
}

function drawCauses(answers: readonly ({ destination: string } & DeadLetterCausesAnswer)[]): string {
  const rows = answers.flatMap(({ destination, causes }) =>
    causes.map(({ action, reason, code, count, lastAt, sample }) => [
      destination,
      action,
      reason,
      code,
      count,
      lastAt,
      sample.messageId,
      sample.detail.slice(0, 80),
    ]),
  )
  if (rows.length === 0) return 'No message is dead.'
  const head = ['destination', 'action', 'reason', 'code', 'messages', 'last', 'for example', 'which says']
  const more = answers.filter(({ complete }) => !complete).map(({ destination }) => printable(destination))
  const note = more.length === 0 ? '' : `\n\nOf ${more.join(', ')} only the latest were read.`
  return table(head, rows) + note
}

function drawLetters({ entries, next }: DeadLettersAnswer): string {
  if (entries.length === 0) return 'No message is dead, or none like that.'
  const rows = entries.map(({ id, messageId, source, reason, code, attempts, at, detail }) => [
    id,
    messageId,
    source,
    reason,
    code,
    attempts,
    at,
    detail.slice(0, 80),
  ])
  const drawn = table(['id', 'message', 'source', 'reason', 'code', 'attempts', 'at', 'which says'], rows)
  return next === undefined ? drawn : `${drawn}\n\nThere are more; raise --limit to see them.`
}
