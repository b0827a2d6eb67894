import { defineCommand } from '../command.ts'
import { drawLedger } from '../draw-ledger.ts'
import { ledgerProblems } from '../ledger-problems.ts'
import { paintFor } from '../paint.ts'
import { Progress } from '../progress.ts'
import { connect } from '../server-address.ts'
import { printable } from '../table.ts'

export const ledger = defineCommand({
  name: 'ledger',
  summary: 'Show where every accepted message is; exit code 1 when the account does not balance.',
  description:
    'Per source: accepted = duplicate + dropped + resolved + unresolved. Per destination: resolved = delivered + filtered + ' +
    'pending (waiting, in flight, parked) + dead. Where several actions match a message its worst outcome counts; a destination ' +
    'with several actions has a row for each, which counts what is settled: matched = delivered + dead.',
  options: {
    verify: { type: 'boolean', description: 'Recount every term from log, records and rows.' },
  },
  examples: [
    { title: 'The account as it stands', command: 'millrace ledger' },
    { title: 'In a script: fails when a message is unaccounted for', command: 'millrace ledger --verify --json' },
  ],
  async run({ context, values }) {
    const client = await connect({ context, values })
    const paint = paintFor(context.stdout, context.env)
    if (!values.verify) {
      const account = await client.ledger()
      const problems = ledgerProblems(account)
      context.stdout.write(values.json ? `${JSON.stringify(account)}\n` : drawLedger(account, problems, paint))
      return problems.length === 0 ? 0 : 1
    }
    const progress = new Progress(context.stderr, 'Recounting messages')
    const verification = await client
      .verifyLedger({
        onProgress: ({ done, total }) => progress.update(done, total),
        signal: context.signal,
      })
      .finally(() => progress.end())
    if (values.json) {
      context.stdout.write(`${JSON.stringify(verification)}\n`)
    } else {
      const problems = verification.problems.map(({ where, message, counted, recorded }) => {
        const numbers =
          counted === undefined && recorded === undefined ? '' : ` (counted ${counted}, recorded ${recorded})`
        return `${printable(where)}: ${printable(message)}${numbers}`
      })
      context.stdout.write(drawLedger(verification.ledger, problems, paint))
      context.stdout.write(`Recounted from ${verification.messagesRead.toLocaleString('en')} messages.\n`)
    }
    return verification.balanced ? 0 : 1
  },
})
