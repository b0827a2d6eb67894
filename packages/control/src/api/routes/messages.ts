import { MillraceError } from '@millrace/protocol'
import type { TailEntry } from '@millrace/protocol'
import { tailEntrySchema, tailSchema, traceSchema, violationsSchema } from '../answer-schemas.ts'
import type { ControlDependencies, TailOptions } from '../dependencies.ts'
import { listOf, objectOf } from '../json-schema-of.ts'
import { defineRoute, json, ndjson } from '../route.ts'
import { checkPosition, fromField, limitField, sourceField } from './common-fields.ts'

const streamPage = 500

export const messageRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/messages/:messageId',
    summary: 'Every stage that a message passed, with time and outcome; a resent one has a trace for each copy.',
    access: 'token',
    answers: { 'application/json': traceSchema },
    handle: async ({ deps, params }) => {
      const { messageId = '' } = params
      const answer = await deps.trace(messageId)
      if (answer.traces.length > 0) return json(answer)
      throw new MillraceError(
        'not_found',
        `No message has the id ${JSON.stringify(messageId)}. It may have been refused (see the rejections), or be older than the retention.`,
      )
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/tail',
    summary: 'Accepted messages and rejections in the order of the log. Continue with "from" set to "next".',
    access: 'token',
    query: { from: fromField, limit: limitField, source: sourceField },
    answers: { 'application/json': tailSchema },
    handle: async ({ deps, query }) => {
      checkPosition(query.from)
      return json(await deps.tail(query))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/tail/stream',
    summary: 'The same, then each new entry as it comes, a line each, until the client leaves.',
    access: 'token',
    query: {
      from: fromField,
      limit: {
        ...limitField,
        description: 'The most entries before the new ones, without "from".',
        minimum: 0,
        default: 10,
      },
      source: sourceField,
    },
    answers: { [ndjson]: tailEntrySchema },
    handle: async ({ deps, query, signal }) => {
      checkPosition(query.from)
      const options = query.from === undefined ? query : { ...query, limit: streamPage }
      // The first page is read here, so that a failure is still an answer with a status.
      return { kind: 'lines', values: follow(deps, options, await deps.tail(options), signal) }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/rejections',
    summary: 'What was refused, the newest first.',
    access: 'token',
    query: { source: sourceField, limit: limitField },
    answers: { 'application/json': objectOf<{ entries: TailEntry[] }>({ entries: listOf(tailEntrySchema) }) },
    handle: async ({ deps, query }) => json({ entries: await deps.rejections(query) }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/violations',
    summary:
      'Where messages differ from their standard events, by source, event and property, the most frequent first.',
    access: 'token',
    query: { source: sourceField },
    answers: { 'application/json': violationsSchema },
    handle: async ({ deps, query }) => json({ violations: await deps.violations(query) }),
  }),
]

async function* follow(
  deps: ControlDependencies,
  { source }: TailOptions,
  first: Awaited<ReturnType<ControlDependencies['tail']>>,
  signal: AbortSignal,
): AsyncGenerator<TailEntry> {
  for (let page = first; ;) {
    yield* page.entries
    if (page.entries.length === 0) await deps.tailChanged(page.next, signal)
    if (signal.aborted) return
    page = await deps.tail({ from: page.next, limit: streamPage, ...(source !== undefined && { source }) })
  }
}
