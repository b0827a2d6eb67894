import type { AlertsAnswer, AlertTestAnswer } from '@millrace/protocol'
import { alertsSchema, alertTestSchema } from '../alert-schemas.ts'
import { defineRoute, json } from '../route.ts'

export const alertRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/alerts',
    summary: 'The alerts with the state of what they watch, and how the notifiers are doing.',
    access: 'token',
    answers: { 'application/json': alertsSchema },
    handle: async ({ deps }) => json((await deps.alerts()) satisfies AlertsAnswer),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/alerts/:id/test',
    summary: 'Send a test to each notifier of an alert, and say what they answered.',
    access: 'token',
    answers: { 'application/json': alertTestSchema },
    handle: async ({ deps, params }) => json((await deps.testAlert(params.id ?? '')) satisfies AlertTestAnswer),
  }),
]
