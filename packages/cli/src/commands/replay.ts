import { createInterface } from 'node:readline/promises'
import { setTimeout } from 'node:timers/promises'
import type { ApiClient } from '@millrace/api-client'
import type { ReplayAnswer, ReplayPlan, ReplayStatus } from '@millrace/protocol'
import { defineCommand } from '../command.ts'
import type { CliContext } from '../context.ts'
import { drawReplay, drawReplayPlan, drawReplays } from '../draw-replay.ts'
import { UsageError } from '../failure.ts'
import { paintFor } from '../paint.ts'
import { Progress } from '../progress.ts'
import { connect } from '../server-address.ts'

const LOOK_MS = 300
const verbs = ['list', 'show', 'watch', 'pause', 'resume', 'cancel'] as const
type Verb = (typeof verbs)[number]

export const replay = defineCommand({
  name: 'replay',
  summary: 'Send stored messages to a destination again, or to a new one for the first time.',
  description:
    'First an estimate and five messages as they would be sent by the mappings in force; then, when you say yes, the replay, with its progress. ' +
    'Live traffic of the destination goes first. A replay lasts over restarts, and has an account of its own in the ledger, the trace and the metrics. ' +
    'It ends where the destination itself stands: what that has still before it is not replayed. Ctrl-C ends the watching, not the replay. ' +
    'Exit code 1 when something failed or it was cancelled.',
  argument: {
    name: 'what',
    description: `${verbs.join(', ')}: of a replay that was begun. Absent: begin one.`,
    required: false,
  },
  subject: { name: 'replayId', description: 'Such as replay-1.', required: false },
  options: {
    destination: { type: 'string', value: 'ID', description: 'Where to send.' },
    from: { type: 'string', value: 'TIME', description: 'Messages received at or after, ISO 8601.' },
    to: { type: 'string', value: 'TIME', description: 'Messages received before, ISO 8601. Default: now.' },
    source: { type: 'string', value: 'ID', description: 'Only messages of this source.' },
    event: { type: 'string', value: 'NAME', description: 'Only track messages of this event.' },
    user: { type: 'string', value: 'ID', description: 'Only messages with this userId or anonymousId.' },
    'failed-only': { type: 'boolean', description: 'Only messages that are dead at the destination.' },
    rate: { type: 'integer', value: 'N', description: 'At most so many messages a second.' },
    'new-keys': {
      type: 'boolean',
      description: 'Other idempotency keys than those of delivery, so that a receiver takes again what it knows.',
    },
    'dry-run': { type: 'boolean', description: 'Only the estimate and the samples.' },
    yes: { type: 'boolean', description: 'Begin without asking.' },
    background: { type: 'boolean', description: 'Do not wait for its end.' },
  },
  examples: [
    {
      title: 'After an outage: what died on that day',
      command: 'millrace replay --destination hook --from 2026-11-01T00:00:00Z --to 2026-11-02T00:00:00Z --failed-only',
    },
    {
      title: 'Fill a new destination with what is stored, slowly',
      command: 'millrace replay --destination crm --from 2026-11-01T00:00:00Z --rate 50 --yes',
    },
    { title: 'How far is it?', command: 'millrace replay watch replay-1' },
  ],
  async run({ context, values, argument, subject }) {
    const client = await connect({ context, values })
    const paint = paintFor(context.stdout, context.env)
    const print = (value: unknown, drawn: () => string): void =>
      void context.stdout.write(values.json ? `${JSON.stringify(value)}\n` : drawn())
    if (argument !== undefined) {
      const verb = verbs.find((each) => each === argument)
      if (verb === undefined) throw new UsageError(`"${argument}" is none of: ${verbs.join(', ')}.`)
      if (verb === 'list') {
        const answer = await client.replays()
        print(answer, () => drawReplays(answer.replays))
        return 0
      }
      if (subject === undefined) throw new UsageError(`Say which replay: millrace replay ${verb} replay-1`)
      const answer = await act(verb, subject)
      print(answer, () => drawReplay(answer, paint))
      return verb === 'watch' ? exitCodeOf(answer) : 0
    }
    const { destination, from, to, source, event, user, rate, yes } = values
    if (destination === undefined) throw new UsageError('Say where to send: --destination.')
    if (from === undefined) throw new UsageError('Say where to begin: --from, such as 2026-11-01T00:00:00Z.')
    if (rate === 0) throw new UsageError('--rate must be at least 1.')
    const request = {
      destination,
      from,
      ...(to !== undefined && { to }),
      ...(source !== undefined && { source }),
      ...(event !== undefined && { event }),
      ...(user !== undefined && { user }),
      ...(values['failed-only'] && { failedOnly: true as const }),
      ...(rate !== undefined && { messagesPerSecond: rate }),
      ...(values['new-keys'] && { newKeys: true as const }),
    }
    const plan = await client.replay({ ...request, dryRun: true })
    if (!values.json) context.stdout.write(drawReplayPlan(plan, paint))
    if (values['dry-run'] || (!yes && !(await isWanted(context, plan)))) {
      if (values.json) print(plan, () => '')
      return 0
    }
    const { replay: begun } = await client.replay(request)
    const { id } = begun as ReplayStatus
    context.stderr.write(`${id} is running.\n`)
    const answer = values.background ? await client.replayStatus(id) : await watch(client, id, context)
    print(answer, () => drawReplay(answer, paint))
    return values.background ? 0 : exitCodeOf(answer)

    function act(verb: Exclude<Verb, 'list'>, id: string): Promise<ReplayStatus> {
      if (verb === 'show') return client.replayStatus(id)
      if (verb === 'watch') return watch(client, id, context)
      if (verb === 'pause') return client.pauseReplay(id)
      return verb === 'resume' ? client.resumeReplay(id) : client.cancelReplay(id)
    }
  },
})

/** Shows how far it is until it has ended or is paused, or the user has seen enough. */
async function watch(client: ApiClient, id: string, { stderr, signal }: CliContext): Promise<ReplayAnswer> {
  const progress = new Progress(stderr, id)
  try {
    for (;;) {
      const status = await client.replayStatus(id)
      const { selected, pending } = status.counts
      progress.update(selected - pending, selected)
      if (status.state !== 'running' || signal.aborted) return status
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    progress.end()
  }
}

const exitCodeOf = ({ state, counts }: ReplayStatus): number =>
  state === 'cancelled' || Object.values(counts.failed).some((count) => count > 0) ? 1 : 0

async function isWanted({ stdin, stderr }: CliContext, { estimate }: ReplayPlan): Promise<boolean> {
  if (!('isTTY' in stdin && stdin.isTTY === true)) {
    stderr.write('Nothing was sent. Say --yes to begin.\n')
    return false
  }
  const lines = createInterface({ input: stdin })
  stderr.write(`Send ${estimate.sampled ? 'about ' : ''}${estimate.matching.toLocaleString('en')} messages? [y/N] `)
  try {
    for await (const line of lines) return /^y(?:es)?$/i.test(line.trim())
    return false
  } finally {
    lines.close()
  }
}
