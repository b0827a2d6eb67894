import type { DeadLetterCause, DeadLetterCausesAnswer, DeadLettersAnswer } from '@millrace/protocol'
import { deadLetterDetailSchema, deadLetterSchema } from '../dead-letter-schemas.ts'
import { count, flag, listOf, objectOf, optional, text, time } from '../json-schema-of.ts'
import { defineRoute, json } from '../route.ts'
import { checkPosition, fromField, limitField } from './common-fields.ts'

const only = (label: string, description: string, example: string) =>
  ({ type: 'string', label, description: `${description} All when absent.`, example }) as const

export const deadLetterRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/destinations/:id/dead-letters',
    summary: 'Messages that a destination will not get unless somebody acts, and why; the latest first.',
    access: 'token',
    query: {
      action: only('Action', 'Only of the mapping of this name.', 'send'),
      reason: only('Reason', 'Only with this reason of the ledger.', 'rejected'),
      code: only('Code', 'Only with this code of the receiver or the check.', 'http_400'),
      before: { ...fromField, label: 'Before', description: 'The "next" of an answer: older ones.' },
      limit: limitField,
    },
    answers: {
      'application/json': objectOf<DeadLettersAnswer>({
        entries: listOf(deadLetterSchema),
        next: optional(text),
      }),
    },
    handle: async ({ deps, params: { id = '' }, query }) => {
      checkPosition(query.before)
      return json(await deps.deadLetters({ destinationId: id, ...query }))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/destinations/:id/dead-letters/causes',
    summary: 'Dead letters grouped by action, reason and code: what one change may repair. The most frequent first.',
    access: 'token',
    answers: {
      'application/json': objectOf<DeadLetterCausesAnswer>({
        causes: listOf(
          objectOf<DeadLetterCause>({
            action: text,
            reason: text,
            code: text,
            count,
            firstAt: time,
            lastAt: time,
            sample: objectOf<DeadLetterCause['sample']>({ messageId: text, detail: text }),
          }),
        ),
        counted: count,
        complete: flag,
      }),
    },
    handle: async ({ deps, params: { id = '' } }) => json(await deps.deadLetterCauses(id)),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/destinations/:id/dead-letters/:letterId',
    summary: 'One dead letter: why, each attempt, and what was kept of message, request and answer.',
    access: 'token',
    answers: { 'application/json': deadLetterDetailSchema },
    handle: async ({ deps, params: { id = '', letterId = '' } }) => json(await deps.deadLetter(id, letterId)),
  }),
]
