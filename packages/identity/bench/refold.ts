/**
 * The expensive people: one device of many users, whose messages come late now and then, so that its component is folded
 * again. Prints what a step of a hundred such messages takes.
 *
 *   node packages/identity/bench/refold.ts [users, by default 10000] [late of a hundred, by default 5]
 */
import { rm } from 'node:fs/promises'
import { Block, BlockBuilder, Fingerprinter } from '@millrace/storage'
import { SqliteStateStore } from '@millrace/storage/engines'
import { temporaryFolder } from '@millrace/testkit'
import { IdentityResolver, Rules, defaultRules } from '../src/index.ts'

const [users = 10_000, late = 5] = process.argv.slice(2).map(Number)
const STEP = 100
const START_MS = Date.UTC(2026, 10, 23)
const HOUR_MS = 3_600_000

const fingerprinter = new Fingerprinter(Buffer.from('identity'))
const folder = await temporaryFolder()
const state = SqliteStateStore.open({ path: `${folder}/resolve.db` })
const resolver = await IdentityResolver.open({ state, rules: new Rules(defaultRules), fingerprinter })

const blockOf = (from: number): Block => {
  const builder = new BlockBuilder(fingerprinter)
  const body = Buffer.from('{}')
  for (let user = from; user < from + STEP; user++) {
    const receivedAtMs = START_MS + user
    const isLate = user % 100 < late
    const envelope = {
      messageId: `bench-${user}`,
      userId: `user-${user}`,
      anonymousId: 'kiosk',
      set: { timestamp: new Date(isLate ? receivedAtMs - HOUR_MS : receivedAtMs).toISOString() },
    }
    builder.addMessage({ source: 'web', type: 'track', receivedAtMs, envelope }, body, 0, body.length)
  }
  return new Block(builder.build())
}

const stepsMs: number[] = []
for (let user = 0; user < users; user += STEP) {
  const blocks = [{ block: blockOf(user), skipped: [] }]
  const before = performance.now()
  const step = await resolver.step(blocks)
  await state.transaction((tx) => step.write(tx))
  stepsMs.push(performance.now() - before)
}
const shown = (ms: number | undefined): string => `${(ms ?? Number.NaN).toFixed(1)} ms`
const sorted = stepsMs.toSorted((one, other) => one - other)
console.log(`${users} users of one device, ${late} of 100 an hour late, steps of ${STEP}`)
console.log(
  `median ${shown(sorted[Math.floor(sorted.length / 2)])}, last ${shown(stepsMs.at(-1))}, worst ${shown(sorted.at(-1))}`,
)
await state[Symbol.asyncDispose]()
await rm(folder, { recursive: true })
