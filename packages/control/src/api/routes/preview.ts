import { defineFields } from '@millrace/component-kit'
import type { AnyDestination } from '@millrace/component-kit'
import { MillraceError, checkMessage, formatIsoTime, isJsonObject, typeOf } from '@millrace/protocol'
import type { Json, Message } from '@millrace/protocol'
import { proposedMappings } from '../../workspace/proposed-mappings.ts'
import type { WorkspaceDestination } from '../../workspace/workspace.ts'
import type { ControlDependencies } from '../dependencies.ts'
import { previewSchema, shadowSchema } from '../preview-schemas.ts'
import { defineRoute, json } from '../route.ts'

const maxBodyBytes = 1024 * 1024

const { mappings: mappingsField } = defineFields({
  mappings: {
    type: 'any',
    label: 'Mappings',
    description: 'As `mappings` of the destination in the workspace. Absent: those in force.',
    example: [{ action: 'send', trigger: 'type = "track"' }],
  },
})

export const previewRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/destinations/:id/preview',
    summary: 'What a destination would do with a message: trigger, fields, requests or problems. Nothing is sent.',
    access: 'token',
    body: {
      messageId: {
        type: 'string',
        label: 'Message id',
        description: 'A stored message. Give this or `message`.',
        example: '5f1c2d9e',
      },
      message: {
        type: 'object',
        label: 'Message',
        description: 'A message as a client would send it. What ingestion adds is made up.',
        example: { type: 'track', event: 'Signed Up', userId: 'u-1' },
      },
      source: {
        type: 'string',
        label: 'Source',
        description: 'The source that `message` would be from. Default: one that the destination takes.',
        example: 'web',
      },
      mappings: mappingsField,
    },
    maxBodyBytes,
    answers: { 'application/json': previewSchema },
    handle: async ({ deps, params: { id = '' }, body }) => {
      const { component, destination } = destinationOf(deps, id)
      const mappings = body.mappings === undefined ? undefined : proposedMappings(component, body.mappings)
      const { message, source } =
        body.messageId === undefined
          ? { message: madeUp(body.message), source: body.source ?? destination.sources[0] ?? '' }
          : await stored(deps, body.messageId)
      return json(await deps.preview({ destinationId: id, mappings, message, source }))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/destinations/:id/shadow',
    summary:
      'How proposed mappings would differ from those in force, over the newest stored messages. Nothing is sent.',
    access: 'token',
    body: {
      mappings: { ...mappingsField, required: true },
      messages: {
        type: 'integer',
        label: 'Messages',
        description: 'How many of the newest messages are compared.',
        example: 1000,
        default: 1000,
        minimum: 1,
        maximum: 10_000,
      },
      samples: {
        type: 'integer',
        label: 'Samples',
        description: 'How many samples of each kind of difference are shown.',
        example: 5,
        default: 5,
        minimum: 0,
        maximum: 50,
      },
    },
    maxBodyBytes,
    answers: { 'application/json': shadowSchema },
    handle: async ({ deps, params: { id = '' }, body, signal }) => {
      const { component } = destinationOf(deps, id)
      const mappings = proposedMappings(component, body.mappings)
      const { messages: maxMessages, samples: maxSamples } = body
      return json(await deps.shadow({ destinationId: id, mappings, maxMessages, maxSamples }, signal))
    },
  }),
]

function destinationOf(
  { versions, registry }: ControlDependencies,
  id: string,
): { destination: WorkspaceDestination; component: AnyDestination } {
  const known = versions.active?.workspace.destinations ?? {}
  const destination = Object.hasOwn(known, id) ? known[id] : undefined
  if (destination === undefined) throw new MillraceError('not_found', `There is no destination ${JSON.stringify(id)}.`)
  const component = registry.destinations[destination.type]
  if (component !== undefined) return { destination, component }
  throw new MillraceError(
    'invalid_request',
    `Destination "${id}" is a warehouse: it takes every message of its sources and has no mappings to try.`,
  )
}

async function stored(deps: ControlDependencies, messageId: string): Promise<{ message: Message; source: string }> {
  const { traces } = await deps.trace(messageId)
  const [first] = traces
  if (first !== undefined) return { message: first.message, source: first.source }
  throw new MillraceError(
    'not_found',
    `No message has the id ${JSON.stringify(messageId)}. Give the id of a stored message, or a "message".`,
  )
}

/** A message as it would be stored: checked as ingestion does, with the times and the id that it would add. */
function madeUp(message: Json | undefined): Message {
  if (!isJsonObject(message)) {
    throw new MillraceError('invalid_request', 'Say what to try: "messageId" of a stored message, or a "message".')
  }
  const type = typeOf(message, undefined)
  const problem = type === undefined ? { path: 'type', reason: 'is missing' } : checkMessage(message, type)
  if (problem !== undefined) {
    throw new MillraceError('invalid_request', `The message would be refused: ${problem.path} ${problem.reason}.`, {
      errors: [{ path: `message.${problem.path}`, reason: problem.reason }],
    })
  }
  const now = formatIsoTime(Date.now())
  const times = { timestamp: now, originalTimestamp: now, sentAt: now, receivedAt: now }
  return { messageId: 'preview', ...times, ...message, type } as unknown as Message
}
