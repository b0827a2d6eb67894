import type { DestinationStatus } from '@millrace/protocol'
import { defineCommand } from '../command.ts'
import { connect } from '../server-address.ts'
import { printable, table } from '../table.ts'

export const destinations = defineCommand({
  name: 'destinations',
  summary: 'Show how each destination is doing.',
  options: {},
  examples: [{ title: 'All destinations', command: 'millrace destinations' }],
  async run({ context, values }) {
    const answer = await (await connect({ context, values })).destinations()
    context.stdout.write(values.json ? `${JSON.stringify(answer)}\n` : `${draw(answer.destinations)}\n`)
    return 0
  },
})

const draw = (all: readonly DestinationStatus[]): string =>
  table(
    ['destination', 'type', 'state', 'since', 'tried again', 'in flight', 'why'],
    all.map(({ destination, type, state, inFlight, hold, lastError }) => [
      destination,
      type,
      state,
      hold?.since ?? lastError?.at ?? '',
      hold?.nextAttemptAt ?? (hold === undefined ? (lastError?.nextAttemptAt ?? '') : ''),
      inFlight,
      printable(hold?.reason ?? lastError?.message ?? ''),
    ]),
  )
