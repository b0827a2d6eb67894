/**
 * What the identity stage costs per message: of anonymous messages of known people, of known links, and when every message makes a new link;
 * and what a look-up of a profile takes afterwards.
 *
 *   node packages/identity/bench/resolve.ts [new links, by default 200000]
 */
import { rm } from 'node:fs/promises'
import { Block, BlockBuilder, Fingerprinter } from '@millrace/storage'
import { SqliteStateStore } from '@millrace/storage/engines'
import { temporaryFolder } from '@millrace/testkit'
import { IdentityGraph, IdentityResolver, Rules, defaultRules, describeProfile } from '../src/index.ts'

/** As many as one step of resolve reads of small messages. */
const STEP_BLOCKS = 10
const BLOCK_ROWS = 500
const PEOPLE = 10_000
const START_MS = Date.UTC(2026, 10, 23)

const fingerprinter = new Fingerprinter(Buffer.from('identity'))
const folder = await temporaryFolder()
const state = SqliteStateStore.open({ path: `${folder}/resolve.db` })
const resolver = await IdentityResolver.open({ state, rules: new Rules(defaultRules), fingerprinter })
let sent = 0

const blockOf = (row: Row): Block => {
  const builder = new BlockBuilder(fingerprinter)
  const body = Buffer.from('{}')
  for (let at = 0; at < BLOCK_ROWS; at++) {
    sent++
    const person = row === 'new link' ? sent + PEOPLE : sent % PEOPLE
    const envelope = {
      messageId: `bench-${sent}`,
      ...(row !== 'one id of a known person' && { userId: `user-${person}` }),
      anonymousId: `anon-${person}-4f9c-8a51-0d1f5e2a77c3`,
      set: { timestamp: new Date(START_MS + sent).toISOString() },
    }
    builder.addMessage({ source: 'web', type: 'track', receivedAtMs: START_MS + sent, envelope }, body, 0, body.length)
  }
  return new Block(builder.build())
}

type Row = 'one id of a known person' | 'known link' | 'new link'

const measure = async (row: Row, messages: number): Promise<number> => {
  let cpuUs = 0
  for (let done = 0; done < messages; done += STEP_BLOCKS * BLOCK_ROWS) {
    const blocks = Array.from({ length: STEP_BLOCKS }, () => ({ block: blockOf(row), skipped: [] }))
    const before = process.cpuUsage()
    const step = await resolver.step(blocks)
    await state.transaction((tx) => step.write(tx))
    const { user, system } = process.cpuUsage(before)
    cpuUs += user + system
  }
  return cpuUs / messages
}

/** As the API does it: from disk, through a graph that was just opened. */
const lookUps = async (times: number): Promise<number[]> => {
  const rules = new Rules(defaultRules)
  const tookMs: number[] = []
  for (let at = 0; at < times; at++) {
    const before = performance.now()
    await describeProfile(await IdentityGraph.open({ state, rules }), rules, `userId:user-${(at * 7_919) % sent}`)
    tookMs.push(performance.now() - before)
  }
  return tookMs.sort((one, other) => one - other)
}

const newLinks = Number(process.argv[2] ?? 200_000)
const rows: { row: Row; messages: number }[] = [
  { row: 'one id of a known person', messages: 200_000 },
  { row: 'known link', messages: 200_000 },
  { row: 'new link', messages: newLinks },
]
// The first turn compiles the code and makes the links of the second row.
await measure('one id of a known person', 50_000)
await measure('known link', 50_000)
for (const { row, messages } of rows) {
  console.log(`${row}: ${(await measure(row, messages)).toFixed(1)} µs of processor time per message (${messages})`)
}
const tookMs = await lookUps(5_000)
const shown = (share: number): string => `${tookMs[Math.floor(tookMs.length * share)]?.toFixed(2)} ms`
console.log(`a profile among ${newLinks + PEOPLE} people: median ${shown(0.5)}, p99 ${shown(0.99)}`)
await state[Symbol.asyncDispose]()
await rm(folder, { recursive: true })
