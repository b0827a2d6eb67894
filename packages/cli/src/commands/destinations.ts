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
    context.stdout.write(
      values.json
        ? `${JSON.stringify(answer)}\n`
        : [draw(answer.destinations), ...notesOn(answer.destinations)].map((line) => `${line}\n`).join(''),
    )
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

/** What fills the log, and what was given up for it. */
const notesOn = (all: readonly DestinationStatus[]): string[] =>
  all.flatMap(({ destination, quotaPercent = 0, hold, expired }) => [
    ...(quotaPercent >= NEAR_PERCENT
      ? [
          `${destination}: what it has not read takes ${quotaPercent} % of the disk quota` +
            (hold === undefined ? '' : '; at 100 % the oldest expires unless it is resumed'),
        ]
      : []),
    ...(expired === undefined
      ? []
      : [
          `${destination}: ${expired.messages} messages of ${expired.from} to ${expired.to} expired, the last at ${expired.at}`,
        ]),
  ])

const NEAR_PERCENT = 80
