import { openApiOf } from './open-api.ts'
import { anyObject } from './json-schema-of.ts'
import { defineRoute, json } from './route.ts'
import type { Route } from './route.ts'
import { deadLetterRoutes } from './routes/dead-letters.ts'
import { alertRoutes } from './routes/alerts.ts'
import { destinationRoutes } from './routes/destinations.ts'
import { ledgerRoutes } from './routes/ledger.ts'
import { messageRoutes } from './routes/messages.ts'
import { operationRoutes } from './routes/operations.ts'
import { previewRoutes } from './routes/preview.ts'
import { profileRoutes } from './routes/profiles.ts'
import { replayRoutes } from './routes/replays.ts'
import { redriveRoutes } from './routes/redrive.ts'
import { workspaceRoutes } from './routes/workspace.ts'

const openApiRoute = defineRoute({
  method: 'GET',
  path: '/api/openapi.json',
  summary: 'This API as an OpenAPI document.',
  access: 'token',
  answers: { 'application/json': anyObject },
  handle: async () => json(openApiOf(routes)),
})

/** The whole API. */
export const routes: readonly Route[] = [
  ...ledgerRoutes,
  ...messageRoutes,
  ...workspaceRoutes,
  ...destinationRoutes,
  ...deadLetterRoutes,
  ...redriveRoutes,
  ...previewRoutes,
  ...replayRoutes,
  ...profileRoutes,
  ...alertRoutes,
  ...operationRoutes,
  openApiRoute,
]
