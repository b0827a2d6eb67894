import type { ApiClient, RedriveQuery } from '@millrace/api-client'
import type { RedriveProgress } from '@millrace/protocol'
import { setTimeout } from 'node:timers/promises'
import { defineCommand } from '../command.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../failure.ts'
import { Progress } from '../progress.ts'
import { connect } from '../server-address.ts'
import { printable } from '../table.ts'

/** How many letters one request names at most. */
const PAGE = 1000
const LOOK_EVERY_MS = 250

interface Redriven {
  ids: string[]
  skipped: { id: string; why: string }[]
}

export const redrive = defineCommand({
  name: 'redrive',
  summary: 'Send dead messages again, to their destination alone.',
  description:
    'They are mapped as it is configured now, so repair what is wrong first (see: millrace preview). Each keeps its idempotency key. ' +
    'What is not dead any more is left alone: redriving twice sends once.',
  argument: { name: 'destination', description: 'The id of the destination.', required: true },
  options: {
    id: { type: 'string', many: true, value: 'ID', description: 'This one, as `millrace dead` lists it.' },
    action: { type: 'string', value: 'NAME', description: 'Those of this mapping.' },
    reason: { type: 'string', value: 'REASON', description: 'Those with this reason.' },
    code: { type: 'string', value: 'CODE', description: 'Those with this code.' },
    all: { type: 'boolean', description: 'All that are dead at the destination.' },
    wait: {
      type: 'boolean',
      description: 'Wait until each is delivered or dead again; exit code 1 when one is dead again.',
    },
  },
  examples: [
    { title: 'One message', command: 'millrace redrive hook --id 4096:3:send' },
    { title: 'One cause, and what becomes of it', command: 'millrace redrive hook --code http_400 --wait' },
    { title: 'Everything', command: 'millrace redrive hook --all' },
  ],
  async run({ context, values, argument: destination = '' }) {
    const { id: ids, action, reason, code, all, wait, json } = values
    const cause = Object.fromEntries(Object.entries({ action, reason, code }).filter(([, text]) => text !== undefined))
    const hasCause = Object.keys(cause).length > 0
    if ([ids.length > 0, hasCause, all].filter(Boolean).length !== 1) {
      throw new UsageError('Say which messages: --id, or a cause with --action, --reason and --code, or --all.')
    }
    const client = await connect({ context, values })
    const queries: RedriveQuery[] = hasCause
      ? [{ cause }]
      : all
        ? [{ all }]
        : pagesOf(ids).map((page) => ({ ids: page }))
    const { ids: redriven, skipped } = await redriveAll(client, destination, queries, context)
    const progress = wait ? await settled(client, destination, redriven, context) : undefined
    const result = { redriven: redriven.length, skipped, ...(progress && { progress }) }
    context.stdout.write(json ? `${JSON.stringify(result)}\n` : draw(destination, result))
    return progress !== undefined && progress.dead > 0 ? 1 : 0
  },
})

const pagesOf = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / PAGE) }, (_, page) => ids.slice(page * PAGE, (page + 1) * PAGE))

async function redriveAll(
  client: ApiClient,
  destination: string,
  queries: readonly RedriveQuery[],
  { stderr, signal }: CliContext,
): Promise<Redriven> {
  const done: Redriven = { ids: [], skipped: [] }
  const progress = new Progress(stderr, 'redriven')
  for (const query of queries) {
    let next: string | undefined
    do {
      const answer = await client.redrive(destination, { ...query, ...(next !== undefined && { next }) })
      done.ids.push(...answer.ids)
      done.skipped.push(...answer.skipped)
      next = answer.next
      if (next !== undefined) progress.update(done.ids.length)
    } while (next !== undefined && !signal.aborted)
  }
  progress.end()
  return done
}

/** Asks again and again about those that wait, until none does or the user has seen enough. */
async function settled(
  client: ApiClient,
  destination: string,
  ids: readonly string[],
  { stderr, signal }: CliContext,
): Promise<RedriveProgress> {
  const total: RedriveProgress = { waiting: 0, delivered: 0, dead: 0 }
  const progress = new Progress(stderr, 'settled')
  for (const page of pagesOf(ids)) {
    for (;;) {
      const now = await client.redriveProgress(destination, page)
      const before = total.delivered + total.dead
      progress.update(before + now.delivered + now.dead, ids.length)
      if (now.waiting === 0 || signal.aborted) {
        total.delivered += now.delivered
        total.dead += now.dead
        total.waiting += now.waiting
        break
      }
      await setTimeout(LOOK_EVERY_MS)
    }
  }
  progress.end()
  return total
}

function draw(
  destination: string,
  { redriven, skipped, progress }: { redriven: number; skipped: Redriven['skipped']; progress?: RedriveProgress },
): string {
  const what = redriven === 1 ? '1 message is' : `${redriven.toLocaleString('en')} messages are`
  const lines = [`${what} on the way to ${destination} again.`]
  for (const { id, why } of skipped.slice(0, 20)) lines.push(`Not ${printable(id)}: ${printable(why)}`)
  if (skipped.length > 20) lines.push(`Nor ${skipped.length - 20} others.`)
  if (progress !== undefined) {
    const { delivered, dead, waiting } = progress
    const rest = waiting === 0 ? '' : `, ${waiting} wait`
    lines.push(`${delivered} delivered, ${dead} dead again${rest}.`)
  }
  return `${lines.join('\n')}\n`
}
