import assert from 'node:assert/strict'
import type { DestinationLedger, Ledger, LedgerVerification } from '@millrace/protocol'
import { eventually } from './eventually.ts'
import type { ServerUnderTest } from './server-under-test.ts'

/** Asks for a recount and fails with each problem that it found. */
export const assertBalanced = async (server: ServerUnderTest): Promise<LedgerVerification> => {
  // A pooled connection to a process that was killed fails when it is used next.
  const verification = await eventually(
    'the ledger is verified',
    () => server.api.verifyLedger({ signal: AbortSignal.timeout(60_000) }),
    { timeoutMs: 10_000 },
  )
  assert.ok(
    verification.balanced,
    `the ledger is not balanced: ${JSON.stringify(verification.problems, null, 2)}\n${server.lastLogs()}`,
  )
  return verification
}

export const accountOf = ({ destinations }: Ledger, destination: string, source = 'web'): DestinationLedger =>
  destinations.find((each) => each.destination === destination && each.source === source) ?? {
    destination,
    source,
    resolved: 0,
    delivered: 0,
    filtered: {},
    pending: { waiting: 0, inFlight: 0, parked: 0 },
    dead: {},
    actions: {},
  }

/** Waits until nothing is unresolved and no destination that is still there has anything pending. */
export const drained = (server: ServerUnderTest, timeoutMs = 60_000): Promise<Ledger> => {
  let last: Ledger | undefined
  return eventually(
    'everything is delivered',
    async () => {
      last = await server.api.ledger()
      const isDone =
        last.sources.every(({ unresolved }) => unresolved === 0) &&
        last.destinations.every(({ pending }) => pending.waiting + pending.inFlight + pending.parked === 0)
      return isDone ? last : undefined
    },
    { timeoutMs, everyMs: 100 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(last)}\n${server.lastLogs()}`, { cause: error })
  })
}
