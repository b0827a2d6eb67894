import { MillraceError } from '@millrace/protocol'
import type { ReplayRequest } from '@millrace/protocol'
import type { ControlDependencies } from '../dependencies.ts'
import { replayAnswerSchema, replayPlanSchema, replaysSchema, replayStatusSchema } from '../replay-schemas.ts'
import { defineRoute, json } from '../route.ts'

const change = (name: 'pause' | 'resume' | 'cancel', summary: string) =>
  defineRoute({
    method: 'POST',
    path: `/api/replays/:id/${name}`,
    summary,
    access: 'token',
    answers: { 'application/json': replayStatusSchema },
    handle: async ({ deps, params: { id = '' } }) => json(await deps.changeReplay(id, name)),
  })

export const replayRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/replays',
    summary: 'Send stored messages to a destination again, by the mappings in force. First an estimate, with samples.',
    access: 'token',
    body: {
      destination: {
        type: 'string',
        label: 'Destination',
        description: 'Its id.',
        example: 'hook',
        required: true,
      },
      from: {
        type: 'datetime',
        label: 'From',
        description: 'Messages that were received at or after this time.',
        example: '2026-11-01T00:00:00Z',
        required: true,
      },
      to: {
        type: 'datetime',
        label: 'To',
        description: 'Messages that were received before this time. Now when absent.',
        example: '2026-11-02T00:00:00Z',
      },
      source: { type: 'string', label: 'Source', description: 'Only of this source.', example: 'web' },
      event: {
        type: 'string',
        label: 'Event',
        description: 'Only track messages of this event.',
        example: 'Signed Up',
      },
      user: {
        type: 'string',
        label: 'User',
        description: 'Only messages with this userId or anonymousId.',
        example: 'user-1',
      },
      failedOnly: {
        type: 'boolean',
        label: 'Failed only',
        description: 'Only messages that are dead at the destination.',
        example: true,
        default: false,
      },
      messagesPerSecond: {
        type: 'number',
        label: 'Rate',
        description:
          'At most so many messages are sent in a second. Absent: what the destination and its live traffic leave.',
        example: 100,
        minimum: 0.01,
        maximum: 1_000_000,
      },
      newKeys: {
        type: 'boolean',
        label: 'New keys',
        description: 'Send with other idempotency keys than delivery, so that a receiver takes again what it knows.',
        example: true,
        default: false,
      },
      dryRun: {
        type: 'boolean',
        label: 'Dry run',
        description: 'Only the estimate and the samples; nothing is sent.',
        example: true,
        default: false,
      },
    },
    answers: { 'application/json': replayPlanSchema },
    handle: async ({ deps, body }) => {
      const { dryRun, failedOnly, newKeys, source, event, user, messagesPerSecond, destination } = body
      checkDestination(deps, destination)
      const request: ReplayRequest = {
        destination,
        ...timesOf(body.from, body.to),
        ...(source !== undefined && { source }),
        ...(event !== undefined && { event }),
        ...(user !== undefined && { user }),
        ...(failedOnly && { failedOnly }),
        ...(messagesPerSecond !== undefined && { messagesPerSecond }),
        ...(newKeys && { newKeys }),
      }
      return json(await deps.replay(request, { dryRun }))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/replays',
    summary: 'All replays, the newest first: how far they are and what became of their messages.',
    access: 'token',
    answers: { 'application/json': replaysSchema },
    handle: async ({ deps }) => json({ replays: await deps.replays() }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/replays/:id',
    summary: 'One replay, with the first of what it could not deliver.',
    access: 'token',
    answers: { 'application/json': replayAnswerSchema },
    handle: async ({ deps, params: { id = '' } }) => json(await deps.showReplay(id)),
  }),
  change('pause', 'Send nothing more of a replay until it is resumed, over restarts.'),
  change('resume', 'Go on with a replay that was paused.'),
  change('cancel', 'End a replay where it is; what it has not sent is not sent.'),
]

function checkDestination({ versions, registry }: ControlDependencies, id: string): void {
  const known = versions.active?.workspace.destinations ?? {}
  const destination = Object.hasOwn(known, id) ? known[id] : undefined
  if (destination === undefined) {
    throw new MillraceError('not_found', `There is no destination ${JSON.stringify(id)}; see: millrace destinations`)
  }
  if (registry.destinations[destination.type] !== undefined) return
  throw new MillraceError(
    'invalid_request',
    `Destination "${id}" is a warehouse: it loads each message once, by a cursor of its own, and a replay would add the rows a second time. ` +
      `To load what it has not got, add another warehouse whose "startAt" is the time to begin at; to load all anew, do so with an empty file.`,
  )
}

function timesOf(from: string, to: string | undefined): { from: string; to: string } {
  const now = Date.now()
  const fromMs = timeOf('from', from)
  // What has not been received yet cannot be sent again.
  const toMs = Math.min(now, to === undefined ? now : timeOf('to', to))
  if (fromMs < toMs) return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
  throw new MillraceError('invalid_request', `"from" (${from}) must lie before "to" (${to ?? 'now'}) and before now.`, {
    errors: [{ path: 'from', reason: 'must lie before "to" and before now' }],
  })
}

function timeOf(path: string, text: string): number {
  const ms = Date.parse(text)
  if (!Number.isNaN(ms)) return ms
  throw new MillraceError('invalid_request', `"${path}" takes a time such as 2026-11-01T00:00:00Z.`, {
    errors: [{ path, reason: `must be a time such as 2026-11-01T00:00:00Z, but it is ${JSON.stringify(text)}` }],
  })
}
