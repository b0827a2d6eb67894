import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerOf, counterOf, deliveryState, encodeJson, outcomeKey } from './delivery-state.ts'
import { commitSettled } from './destination-committer.ts'
import { DeliveryWindow } from './delivery-window.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { OutcomeRuns, decodeOutcomes, encodeOutcomes } from './outcome-runs.ts'
import type { OutcomeRecord } from './outcome-runs.ts'
import { Scene } from './testing/scene.ts'
import { traceDeliveries } from './trace-deliveries.ts'

const { delivered, filteredNoAction, deadRejected, notResolved, pending } = outcomeCodes
const D = delivered
const F = filteredNoAction
const X = deadRejected
const N = notResolved

const letter = (index: number, block: number) => ({
  block,
  index,
  letter: {
    messageId: `m${block}-${index}`,
    source: 'web',
    action: 'send',
    reason: 'rejected',
    code: 'no',
    detail: 'no',
    attempts: 1,
    at: '2026-03-01T09:00:00.000Z',
  },
})

/** Four blocks of four rows; the third row of each is a duplicate. Commits end in the middle of blocks. */
const settledScene = async (): Promise<Scene> => {
  const scene = new Scene()
  await scene.openAccount('hook')
  for (let block = 0; block < 4; block++) {
    const at = (index: number, source: string) => ({ id: `m${block}-${index}`, source })
    await scene.add([at(0, 'web'), at(1, 'app'), { ...at(2, 'web'), duplicate: true }, at(3, 'web')])
  }
  const window = new DeliveryWindow({ block: 0, index: 0 })
  const codes: OutcomeCode[][] = [
    [D, F, N, X],
    [D, D, N, F],
    [X, F, N, D],
    [D, pending, N, D],
  ]
  const entries = []
  for (const [at, resolved] of (await scene.newFeed().read(0)).entries()) {
    const list = codes[at] as OutcomeCode[]
    // The second half of each block settles after a commit.
    entries.push({
      entry: window.addRows(resolved, Uint8Array.of(list[0] as number, list[1] as number, N, pending)),
      code: list[3],
    })
  }
  for (const { entry, code } of entries) {
    const settled = window.take()
    if (settled !== undefined) await commitSettled(scene.state, 'hook', settled, [letter(3, 0), letter(0, 2)], 1)
    if (entry !== entries.at(-1)?.entry) window.settle(entry, 3, code as OutcomeCode)
  }
  return scene
}

const problems = async (scene: Scene): Promise<string> =>
  (await scene.problems()).map(({ message }) => message).join('\n')

test('an account whose records and cursor end in the middle of blocks has no problem', async () => {
  const scene = await settledScene()
  assert.deepEqual(await scene.state.cursor('delivery/hook'), { block: 3, index: 1 })
  const records = await scene.state.scan(deliveryState.outcomes)
  assert.deepEqual(
    records.map(({ key }) => key.slice(1)),
    [
      [0, 0],
      [0, 3],
      [1, 3],
      [2, 3],
    ],
  )
  assert.equal(await problems(scene), '')
  assert.deepEqual(await scene.ledgers(), [
    {
      destination: 'hook',
      source: 'web',
      resolved: 8,
      delivered: 4,
      filtered: { no_action: 1 },
      pending: { waiting: 1, inFlight: 0, parked: 0 },
      dead: { rejected: 2 },
    },
    {
      destination: 'hook',
      source: 'app',
      resolved: 4,
      delivered: 1,
      filtered: { no_action: 2 },
      pending: { waiting: 1, inFlight: 0, parked: 0 },
      dead: {},
    },
  ])
})

const rewrite = async (
  scene: Scene,
  block: number,
  change: (record: OutcomeRecord) => Partial<OutcomeRecord>,
): Promise<void> => {
  const key = outcomeKey('hook', block, 3)
  const from = { block, index: 3 }
  const record = decodeOutcomes(from, (await scene.state.get(deliveryState.outcomes, key)) ?? new Uint8Array())
  const { to, workspaceVersion, runs, counts } = { ...record, ...change(record) }
  await scene.state.transaction((tx) =>
    tx.put(deliveryState.outcomes, key, encodeOutcomes(to, workspaceVersion, runs, counts)),
  )
}
const runsOf = (...codes: number[]): OutcomeRuns => {
  const runs = new OutcomeRuns()
  for (const code of codes) runs.add(code, 1)
  return runs
}

const inconsistencies: [string, (scene: Scene) => Promise<void>, RegExp][] = [
  [
    'a record that is gone',
    (scene) => scene.state.transaction((tx) => tx.delete(deliveryState.outcomes, outcomeKey('hook', 1, 3))),
    /the outcome record at 2:3 does not follow the one that ends at 1:3/,
  ],
  [
    'the first record gone',
    (scene) => scene.state.transaction((tx) => tx.delete(deliveryState.outcomes, outcomeKey('hook', 0, 0))),
    /the outcome record at 0:3 is the first, but the account begins at 0:0/,
  ],
  [
    'the last record gone',
    (scene) => scene.state.transaction((tx) => tx.delete(deliveryState.outcomes, outcomeKey('hook', 2, 3))),
    /its outcome records end at 2:3, its cursor is at 3:1/,
  ],
  [
    'all records gone, with the counters',
    async (scene) => {
      const counters = await scene.state.counters('hook/')
      await scene.state.transaction((tx) => {
        tx.deleteRange(deliveryState.outcomes, ['hook'], ['hook2'])
        for (const [name, value] of counters) tx.add(name, -value)
      })
    },
    /its outcome records end at 0:0, its cursor is at 3:1/,
  ],
  [
    'a row too many',
    (scene) => rewrite(scene, 1, ({ runs }) => ({ runs: runsOf(...runs.codes(), D) })),
    /has a wrong number of rows/,
  ],
  [
    'missing rows',
    (scene) => rewrite(scene, 1, ({ runs }) => ({ runs: runsOf(...[...runs.codes()].slice(1)) })),
    /has fewer rows than the log/,
  ],
  [
    'a duplicate that counts as delivered',
    (scene) => rewrite(scene, 1, () => ({ runs: runsOf(F, X, F, D) })),
    /row 3 of the outcome record at 1:3 disagrees with the resolve stage/,
  ],
  [
    'a message that counts as none',
    (scene) => rewrite(scene, 1, () => ({ runs: runsOf(F, X, N, N) })),
    /disagrees with the resolve stage/,
  ],
  [
    'another outcome',
    (scene) => rewrite(scene, 1, () => ({ runs: runsOf(D, X, F, N) })),
    /the records and the counter hook\/web\/2 differ/,
  ],
  [
    'a record whose counts are not those of its rows',
    (scene) => rewrite(scene, 1, () => ({ counts: new Map([['web', new Map([[2, 9]])]]) })),
    /the outcome record at 1:3 counts other messages than its rows/,
  ],
  [
    'a wrong counter',
    (scene) => scene.state.transaction((tx) => tx.add(counterOf('hook', 'app', D), 1)),
    /the counter hook\/app\/2 differ/,
  ],
  [
    'a counter of nobody',
    (scene) => scene.state.transaction((tx) => tx.add(counterOf('hook', 'ios', X), 1)),
    /the counter hook\/ios\/7 differ/,
  ],
  [
    'a dead letter that is gone, though another is there for a message that is not dead',
    (scene) =>
      scene.state.transaction((tx) => {
        tx.delete(deliveryState.dead, ['hook', 2, 0, 'send'])
        tx.put(deliveryState.dead, ['hook', 1, 0, 'send'], encodeJson(letter(0, 1).letter))
      }),
    /the message at 2:0 is dead and has no dead letter/,
  ],
  [
    'a cursor that went on alone',
    (scene) => scene.state.transaction((tx) => tx.setCursor(consumerOf('hook'), { block: 3, index: 2 })),
    /its outcome records end at 3:1, its cursor is at 3:2/,
  ],
]

for (const [name, inject, found] of inconsistencies) {
  test(`the recount finds ${name}`, async () => {
    const scene = await settledScene()
    await inject(scene)
    assert.match(await problems(scene), found)
  })
}

test('the equation alone shows messages that nobody accounts for', async () => {
  const scene = await settledScene()
  await scene.state.transaction((tx) => tx.add(counterOf('hook', 'ghost', D), 1))
  assert.match(await problems(scene), /resolved is not delivered \+ filtered \+ pending \+ dead/)
})

test('a trace tells of each row what became of it', async () => {
  const scene = await settledScene()
  await scene.openAccount('later', { block: 2, index: 0 })
  const feed = scene.newFeed()
  const trace = async (block: number, index: number): Promise<unknown> =>
    (await traceDeliveries(scene.state, feed, { block, index })).map(
      ({ destination, outcome, reason, action, detail }) =>
        [destination, outcome, reason, action, detail === undefined ? undefined : JSON.stringify(detail['code'])]
          .filter((part) => part !== undefined)
          .join(' '),
    )
  assert.deepEqual(await trace(0, 0), ['hook delivered'])
  assert.deepEqual(await trace(0, 1), ['hook filtered no_action'])
  assert.deepEqual(await trace(0, 2), [], 'a duplicate never reached delivery')
  assert.deepEqual(await trace(0, 3), ['hook dead rejected send "no"'])
  assert.deepEqual(await trace(1, 3), ['hook filtered no_action'])
  assert.deepEqual(await trace(2, 0), ['hook dead rejected send "no"', 'later pending'])
  assert.deepEqual(await trace(2, 3), ['hook delivered', 'later pending'])
  assert.deepEqual(await trace(3, 1), ['hook pending', 'later pending'])
  assert.deepEqual(await trace(3, 2), [], 'a duplicate waits for nothing')
  await scene.log.truncate(2)
  const after = scene.newFeed()
  assert.equal((await traceDeliveries(scene.state, after, { block: 2, index: 1 }))[0]?.outcome, 'unknown')
  assert.equal((await traceDeliveries(scene.state, after, { block: 2, index: 3 }))[0]?.outcome, 'delivered')
})
