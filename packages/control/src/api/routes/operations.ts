import { anyObject, flag, listOf, objectOf, text } from '../json-schema-of.ts'
import { defineRoute, json } from '../route.ts'

export const operationRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/status',
    summary: 'Processes, version, data folder and disk.',
    access: 'token',
    answers: { 'application/json': anyObject },
    handle: async ({ deps }) => json(await deps.status()),
  }),
  defineRoute({
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the process runs. For a supervisor that restarts it.',
    access: 'open',
    answers: { 'application/json': objectOf<{ status: string }>({ status: { const: 'ok' } }) },
    handle: async () => json({ status: 'ok' }),
  }),
  defineRoute({
    method: 'GET',
    path: '/readyz',
    summary: 'Whether messages are accepted and go on; else 503 with the reasons. For a load balancer.',
    access: 'open',
    answers: {
      'application/json': objectOf<{ ready: boolean; reasons: string[] }>({ ready: flag, reasons: listOf(text) }),
    },
    handle: async ({ deps }) => {
      const { ready, reasons } = await deps.readiness()
      return json({ ready, reasons }, ready ? 200 : 503)
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/metrics',
    summary: 'Prometheus metrics. Needs the token unless "settings.metrics.public" of the workspace is true.',
    access: 'metrics',
    answers: { 'text/plain': text },
    handle: async ({ deps }) => ({
      kind: 'text',
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      value: await deps.metrics(),
    }),
  }),
]
