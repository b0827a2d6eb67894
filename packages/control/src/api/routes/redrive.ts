import { MillraceError, isJsonObject } from '@millrace/protocol'
import type { Json, RedriveAnswer, RedriveProgress } from '@millrace/protocol'
import type { RedriveRequest } from '../dependencies.ts'
import { count, listOf, objectOf, optional, text } from '../json-schema-of.ts'
import { defineRoute, json } from '../route.ts'

const maxIds = 1000
const maxBodyBytes = 1024 * 1024
const causeParts: ReadonlySet<string> = new Set(['action', 'reason', 'code'])

export const redriveRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/destinations/:id/redrive',
    summary:
      'Send dead messages again, to this destination alone: by "ids", by "cause", or "all". A call takes a part; as long as the answer has "next", call again with it.',
    access: 'token',
    body: {
      ids: {
        type: 'string',
        many: true,
        label: 'Ids',
        description: `These letters, by the "id" of the list; at most ${maxIds}.`,
        example: ['4096:3:send'],
      },
      cause: {
        type: 'object',
        label: 'Cause',
        description: 'Those with this action, reason and code; each may be left out.',
        example: { action: 'send', reason: 'rejected', code: 'http_400' },
      },
      all: { type: 'boolean', label: 'All', description: 'All dead letters of the destination.', example: true },
      next: {
        type: 'string',
        label: 'Next',
        description: 'The "next" of the last answer; the rest of the body stays the same.',
        example: '1767323045000@4096:3:send',
      },
    },
    maxBodyBytes,
    answers: {
      'application/json': objectOf<RedriveAnswer>({
        redriven: count,
        ids: listOf(text),
        skipped: listOf(objectOf<RedriveAnswer['skipped'][number]>({ id: text, why: text })),
        next: optional(text),
      }),
    },
    handle: async ({ deps, params: { id = '' }, body: { ids, cause, all, next } }) => {
      const letters = selectionOf(ids, cause, all)
      return json(await deps.redrive({ destinationId: id, letters, ...(next !== undefined && { next }) }))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/destinations/:id/redrive/progress',
    summary: 'What became of redriven messages: how many wait, were delivered, or are dead again.',
    access: 'token',
    body: {
      ids: {
        type: 'string',
        many: true,
        required: true,
        label: 'Ids',
        description: `The "ids" of an answer of redrive; at most ${maxIds}.`,
        example: ['4096:3:send'],
      },
    },
    maxBodyBytes,
    answers: { 'application/json': objectOf<RedriveProgress>({ waiting: count, delivered: count, dead: count }) },
    handle: async ({ deps, params: { id = '' }, body: { ids } }) =>
      json(await deps.redriveProgress(id, checkCount(ids))),
  }),
]

function selectionOf(
  ids: readonly string[] | undefined,
  cause: Json | undefined,
  all: boolean | undefined,
): RedriveRequest['letters'] {
  if ([ids !== undefined, cause !== undefined, all === true].filter(Boolean).length !== 1) {
    throw new MillraceError('invalid_request', 'Say which dead letters to send again: "ids", "cause", or "all": true.')
  }
  if (ids !== undefined) return checkCount(ids)
  if (all === true) return {}
  const parts = Object.entries(isJsonObject(cause) ? cause : {})
  for (const [name, value] of parts) {
    if (!causeParts.has(name) || typeof value !== 'string') {
      throw new MillraceError('invalid_request', 'A "cause" has the texts "action", "reason" and "code".', {
        errors: [{ path: `cause.${name}`, reason: causeParts.has(name) ? 'must be a text' : 'is not known' }],
      })
    }
  }
  // An empty one would be all letters, which has to be said.
  if (parts.length > 0) return Object.fromEntries(parts)
  throw new MillraceError(
    'invalid_request',
    'The "cause" is empty: name at least one of "action", "reason" and "code".',
  )
}

function checkCount(ids: readonly string[]): readonly string[] {
  if (ids.length <= maxIds) return ids
  throw new MillraceError('invalid_request', `"ids" has ${ids.length} entries; send at most ${maxIds} at once.`)
}
