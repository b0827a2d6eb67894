import type { ApiClient } from '@millrace/api-client'
import { defineCommand } from '../command.ts'
import { CommandFailure, UsageError } from '../failure.ts'
import { connect } from '../server-address.ts'
import { table } from '../table.ts'

export const sql = defineCommand({
  name: 'sql',
  summary: 'Read a warehouse with SQL.',
  argument: {
    name: 'statement',
    description: 'One statement that only reads, in the dialect of the warehouse.',
    required: true,
  },
  options: {
    destination: { type: 'string', value: 'ID', description: 'The warehouse. Default: the only one there is.' },
    'max-rows': { type: 'integer', value: 'N', default: 1000, description: 'Print at most so many rows.' },
    'timeout-ms': { type: 'integer', value: 'MS', default: 30_000, description: 'Give up after so many milliseconds.' },
  },
  examples: [
    { title: 'Count events', command: 'millrace sql "select event, count(*) from web.tracks group by event"' },
    { title: 'Of one of several warehouses', command: 'millrace sql "select 1" --destination warehouse' },
  ],
  async run({ context, values, argument: statement = '' }) {
    const client = await connect({ context, values })
    const destination = values.destination ?? (await onlyWarehouse(client))
    const answer = await client.sql(destination, {
      sql: statement,
      maxRows: values['max-rows'],
      timeoutMs: values['timeout-ms'],
    })
    context.stdout.write(values.json ? `${JSON.stringify(answer)}\n` : `${table(answer.columns, answer.rows)}\n`)
    if (answer.truncated) {
      context.stderr.write(`There are more rows than the ${answer.rows.length} shown. Raise --max-rows to see them.\n`)
    }
    return 0
  },
})

async function onlyWarehouse(client: ApiClient): Promise<string> {
  const [{ destinations }, { warehouses }] = await Promise.all([client.destinations(), client.catalog()])
  const types = new Set(warehouses.map(({ type }) => type))
  const candidates = destinations.filter(({ type }) => types.has(type))
  const [first] = candidates
  if (first === undefined) {
    throw new CommandFailure(
      `The workspace has no warehouse. Add a destination of one of these types: ${[...types].join(', ')}.`,
    )
  }
  if (candidates.length === 1) return first.destination
  const ids = candidates.map(({ destination }) => destination).join(', ')
  throw new UsageError(`Say which warehouse with --destination: ${ids}.`)
}
