import type { TailEntry } from '@millrace/protocol'
import { defineCommand } from '../command.ts'
import { describeMessage } from '../describe-message.ts'
import { CommandFailure } from '../failure.ts'
import { paintFor } from '../paint.ts'
import type { Paint } from '../paint.ts'
import { connect } from '../server-address.ts'
import { printable } from '../table.ts'

/** Of what is there already, before it follows. */
const shownFirst = 10

export const tail = defineCommand({
  name: 'tail',
  summary: 'Follow what is accepted and what is rejected, until Ctrl-C.',
  options: {
    source: { type: 'string', value: 'ID', description: 'Of this source only.' },
    from: {
      type: 'string',
      value: 'POSITION',
      description: 'Begin there (see the first column). Default: the last ten.',
    },
    limit: { type: 'integer', value: 'N', description: 'Stop after so many entries.' },
    'no-follow': { type: 'boolean', description: 'Print what is there and stop.' },
  },
  examples: [
    { title: 'Watch one source', command: 'millrace tail --source web' },
    { title: 'The newest ten', command: 'millrace tail --no-follow --limit 10' },
  ],
  async run({ context, values }) {
    const client = await connect({ context, values })
    const { source, from, limit } = values
    const paint = paintFor(context.stdout, context.env)
    const print = (entry: TailEntry) =>
      context.stdout.write(`${values.json ? JSON.stringify(entry) : drawEntry(entry, paint)}\n`)
    if (values['no-follow']) {
      for (const entry of (await client.tail({ source, from, limit })).entries) print(entry)
      return 0
    }
    if (limit === 0) return 0
    let count = 0
    const shown = from === undefined ? Math.min(limit ?? shownFirst, shownFirst) : undefined
    try {
      for await (const entry of client.tailStream({ source, from, limit: shown }, context.signal)) {
        print(entry)
        count += 1
        if (count === limit) return 0
      }
    } catch (error) {
      if (context.signal.aborted) return 0
      throw error
    }
    throw new CommandFailure('The server ended the stream: it stopped or is starting anew. Run the command again.')
  },
})

function drawEntry(entry: TailEntry, paint: Paint): string {
  const start = `${paint.dim(`${entry.position} ${entry.receivedAt}`)} ${printable(entry.source === '' ? '-' : entry.source)}`
  if (entry.rejection !== undefined) {
    const { code, reason, path, count } = entry.rejection
    const where = path === undefined ? '' : ` ${path}`
    const times = count > 1 ? ` (${count} times)` : ''
    return `${start} ${paint.red(printable(`rejected ${code}${where}: ${reason}${times}`))}`
  }
  if (entry.message === undefined) return start
  const line = `${start} ${describeMessage(entry.message)} ${paint.dim(printable(entry.message.messageId))}`
  return entry.violations === undefined
    ? line
    : `${line} ${paint.yellow(printable(describeViolations(entry.violations)))}`
}

/** The first, and how many there are. */
function describeViolations([first, ...others]: NonNullable<TailEntry['violations']>): string {
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return `violation: ${first?.reason ?? ''}${more}`
}
