import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFromEnvironment } from '@millrace/testkit'
import { simulate } from './testing/simulate.ts'

/**
 * `simulate` says what is checked. A failure names the seed of its run; to repeat that run alone, call `simulate` with it.
 * To repeat all, set MILLRACE_SEED to what is printed.
 */
const TESTS = 10
const RUNS = process.env['CI'] === 'true' ? 1_000 : 30

const random = randomFromEnvironment('simulation of deliveries')
const seen = {
  messages: 0,
  requests: 0,
  copies: 0,
  restarts: 0,
  dead: 0,
  parked: 0,
  redriven: 0,
  operator: 0,
  unauthorized: 0,
  circuit: 0,
}

for (let part = 1; part <= TESTS; part++) {
  test(`simulated runs with faults and restarts keep every promise, part ${part}`, async () => {
    for (let run = 0; run < RUNS; run++) {
      const { holds, ...counts } = await simulate(random.integer(0x1_0000_0000))
      for (const [name, count] of Object.entries({ ...holds, ...counts })) seen[name as keyof typeof seen] += count
    }
  })
}

test('the simulated runs were not quiet: copies, restarts, pauses, open circuits, parked, dead and redriven deliveries came about', (t) => {
  t.diagnostic(JSON.stringify(seen))
  const runs = TESTS * RUNS
  assert.ok(seen.messages > 10 * runs, `${seen.messages} messages`)
  assert.ok(seen.operator > 0 && seen.unauthorized > 0 && seen.circuit > 0, JSON.stringify(seen))
  assert.ok(
    seen.copies > runs / 2 && seen.restarts > runs && seen.dead > runs && seen.parked > runs,
    JSON.stringify(seen),
  )
  assert.ok(seen.redriven > runs / 4, JSON.stringify(seen))
})
