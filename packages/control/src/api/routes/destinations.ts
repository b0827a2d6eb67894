import type { DestinationStatus } from '@millrace/protocol'
import { catalogOf, catalogSchema } from '../../catalog/catalog.ts'
import { destinationStatusSchema, sqlSchema } from '../answer-schemas.ts'
import { listOf, objectOf } from '../json-schema-of.ts'
import { defineRoute, json } from '../route.ts'

export const destinationRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/destinations',
    summary: 'How each destination is doing.',
    access: 'token',
    answers: {
      'application/json': objectOf<{ destinations: DestinationStatus[] }>({
        destinations: listOf(destinationStatusSchema),
      }),
    },
    handle: async ({ deps }) => json({ destinations: await deps.destinations() }),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/destinations/:id/pause',
    summary: 'Send nothing more to a destination until it is resumed, over restarts. Its messages wait.',
    access: 'token',
    body: {
      reason: {
        type: 'string',
        label: 'Reason',
        description: 'Why, for those who look at it later.',
        example: 'maintenance',
        default: 'paused by an operator',
      },
    },
    answers: { 'application/json': destinationStatusSchema },
    handle: async ({ deps, params: { id = '' }, body }) => json(await deps.pause(id, body.reason)),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/destinations/:id/resume',
    summary: 'Go on sending to a paused destination; one that is paused for its credentials is checked at once.',
    access: 'token',
    answers: { 'application/json': destinationStatusSchema },
    handle: async ({ deps, params: { id = '' } }) => json(await deps.resume(id)),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/destinations/:id/sql',
    summary: 'Read a warehouse with one SQL statement.',
    access: 'token',
    body: {
      sql: {
        type: 'string',
        label: 'SQL',
        description: 'One statement that reads.',
        example: 'select 1',
        required: true,
      },
      maxRows: {
        type: 'integer',
        label: 'Rows',
        description: 'The most rows of the answer.',
        example: 100,
        minimum: 1,
        maximum: 10_000,
        default: 1000,
      },
      timeoutMs: {
        type: 'integer',
        label: 'Timeout',
        description: 'Milliseconds that the statement may take.',
        example: 5000,
        minimum: 1,
        maximum: 300_000,
        default: 30_000,
      },
    },
    answers: { 'application/json': sqlSchema },
    handle: async ({ deps, params, body }) => json(await deps.sql(params.id ?? '', body)),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/catalog',
    summary: 'The components that a workspace may use, as they are declared.',
    access: 'token',
    answers: { 'application/json': catalogSchema },
    handle: async ({ deps }) => json(catalogOf(deps.registry)),
  }),
]
