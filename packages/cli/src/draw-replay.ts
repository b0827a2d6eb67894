import type { ReplayAnswer, ReplayPlan, ReplayStatus } from '@millrace/protocol'
import { drawPreview } from './draw-preview.ts'
import { sum } from './ledger-problems.ts'
import type { Paint } from './paint.ts'
import { columns, printable, table } from './table.ts'

/** What a replay would do, with samples. */
export function drawReplayPlan({ estimate, samples }: ReplayPlan, paint: Paint): string {
  const { messages, selected, matching, sampled, messagesPerSecond, durationMs } = estimate
  const about = sampled ? 'about ' : ''
  const amount = (count: number): string => `${about}${count.toLocaleString('en')}`
  const speed = `at about ${messagesPerSecond.toLocaleString('en')} messages a second`
  const lines = [
    columns([
      ['received in that time', amount(messages)],
      ['selected', amount(selected)],
      ['for the destination today', amount(matching)],
      ['duration', `about ${durationText(durationMs)}, ${speed}`],
    ]),
  ]
  if (sampled) lines.push('', paint.dim('Counted in a sample of the log; the replay itself looks at every message.'))
  if (samples.length > 0) lines.push('', paint.bold('As they would be sent today:'))
  for (const sample of samples) lines.push('', drawPreview(sample, paint).trimEnd())
  return `${lines.join('\n')}\n\n`
}

/** All replays, a line each. */
export function drawReplays(replays: readonly ReplayStatus[]): string {
  return replays.length === 0 ? 'There has been no replay.\n' : `${replayTable(replays)}\n`
}

export const replayTable = (replays: readonly ReplayStatus[]): string =>
  table(
    ['replay', 'destination', 'state', 'done', 'selected', 'delivered', 'filtered', 'failed', 'pending'],
    replays.map((replay) => [
      replay.id,
      replay.destination,
      replay.state,
      `${Math.floor(replay.progress * 100)} %`,
      replay.counts.selected,
      replay.counts.delivered,
      sum(replay.counts.filtered),
      sum(replay.counts.failed),
      replay.counts.pending,
    ]),
  )

const waiting = {
  live: 'It waits while live traffic needs the destination.',
  paused: 'It waits because it or its destination is paused.',
  circuit: 'It waits because the circuit of the destination is open.',
} as const

/** One replay: what was asked, its account, and what failed. */
export function drawReplay(replay: ReplayStatus | ReplayAnswer, paint: Paint): string {
  const { id, destination, state, reason, from, to, source, event, user, failedOnly, counts, waitsFor } = replay
  const filters = [
    ...(source === undefined ? [] : [`source ${source}`]),
    ...(event === undefined ? [] : [`event ${event}`]),
    ...(user === undefined ? [] : [`user ${user}`]),
    ...(failedOnly ? ['failed only'] : []),
    ...(replay.messagesPerSecond === undefined ? [] : [`at most ${replay.messagesPerSecond}/s`]),
    ...(replay.newKeys ? ['new keys'] : []),
  ]
  const lines = [
    `${paint.bold(id)} to ${destination}: ${state}${reason === undefined ? '' : ` (${printable(reason)})`}`,
    paint.dim([`received from ${from} to ${to}`, ...filters.map((filter) => printable(filter))].join(', ')),
    '',
    replayTable([replay]),
  ]
  const reasons = (['filtered', 'failed'] as const).flatMap((term) =>
    Object.entries(counts[term]).map(([why, count]) => [term, printable(why), String(count)]),
  )
  if (reasons.length > 0) lines.push('', columns(reasons, [false, false, true]))
  if (!counts.exact)
    lines.push('', paint.dim('Selected and pending are estimates until it has read its part of the log.'))
  if (waitsFor !== undefined) lines.push('', paint.yellow(waiting[waitsFor]))
  const failures = 'failures' in replay ? replay.failures : []
  if (failures.length > 0) {
    const rows = failures.slice(0, 20).map(({ messageId, action, reason: why, code, attempts, at, detail }) => {
      return [messageId, action, why, code, attempts, at, detail.slice(0, 80)]
    })
    lines.push('', table(['message', 'action', 'reason', 'code', 'attempts', 'at', 'which says'], rows))
    if (failures.length > rows.length) lines.push('', paint.dim(`The first ${rows.length}; --json has more.`))
  }
  return `${lines.join('\n')}\n`
}

function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`
}
