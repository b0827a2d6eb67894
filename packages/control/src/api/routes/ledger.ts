import type { LedgerVerification } from '@millrace/protocol'
import { ledgerSchema, verificationSchema } from '../answer-schemas.ts'
import { latestOf } from '../latest-of.ts'
import { count, objectOf } from '../json-schema-of.ts'
import { defineRoute, json, ndjson } from '../route.ts'

export const ledgerRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/ledger',
    summary: 'Every message accounted for, per source and destination.',
    access: 'token',
    answers: { 'application/json': ledgerSchema },
    handle: async ({ deps }) => json(await deps.ledger()),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/ledger/verify',
    summary:
      'Recount every term of the ledger. With "Accept: application/x-ndjson": progress, then the result, a line each.',
    access: 'token',
    answers: {
      'application/json': verificationSchema,
      [ndjson]: {
        oneOf: [
          { ...progressSchema(), title: 'Progress' },
          { ...objectOf<{ result: LedgerVerification }>({ result: verificationSchema }), title: 'The last line' },
        ],
      },
    },
    handle: async ({ deps, wantsLines, signal }) => {
      if (!wantsLines) return json(await deps.verifyLedger(() => undefined, signal))
      const values = latestOf<{ progress: Progress }, LedgerVerification>((note) =>
        deps.verifyLedger((done, total) => note({ progress: { done, total } }), signal),
      )
      return { kind: 'lines', values: linesOf(values) }
    },
  }),
]

interface Progress {
  done: number
  total: number
}

function progressSchema() {
  return objectOf<{ progress: Progress }>({ progress: objectOf<Progress>({ done: count, total: count }) })
}

async function* linesOf(notes: AsyncGenerator<{ progress: Progress }, LedgerVerification>): AsyncGenerator {
  yield { result: yield* notes }
}
