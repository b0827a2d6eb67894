import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerOf, counterOf, deliveryState, encodeJson, outcomeKey } from './delivery-state.ts'
import { commitSettled } from './destination-committer.ts'
import { DeliveryWindow } from './delivery-window.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { worstOf } from './outcome-kind.ts'
import type { OutcomeKind } from './outcome-kind.ts'
import { OutcomeRuns, decodeOutcomes, encodeOutcomes } from './outcome-runs.ts'
import type { OutcomeRecord } from './outcome-runs.ts'
import { Scene } from './testing/scene.ts'
import { traceDeliveries } from './trace-deliveries.ts'

const { delivered: D, filteredNoAction, deadRejected: X, deadInvalid, notResolved, pending } = outcomeCodes
const bare = (code: OutcomeCode): OutcomeKind => ({ code, actions: [] })
const F = bare(filteredNoAction)
const N = bare(notResolved)
const at = (actions: Record<string, OutcomeCode>): OutcomeKind => ({
  code: worstOf(Object.entries(actions)),
  actions: Object.entries(actions),
})
const sent = at({ send: D })
const refused = at({ send: X })
const both = at({ copy: D, send: D })

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

/**
 * Four blocks of four rows; the third row of each is a duplicate. Commits end in the middle of blocks. Some messages are for
 * two actions.
 */
const settledScene = async (): Promise<Scene> => {
  const scene = new Scene()
  await scene.openAccount('hook')
  for (let block = 0; block < 4; block++) {
    const row = (index: number, source: string) => ({ id: `m${block}-${index}`, source })
    await scene.add([row(0, 'web'), row(1, 'app'), { ...row(2, 'web'), duplicate: true }, row(3, 'web')])
  }
  const window = new DeliveryWindow({ block: 0, index: 0 })
  const kinds = [
    [sent, F, N, at({ copy: D, send: X })],
    [sent, sent, N, both],
    [refused, F, N, at({ copy: D })],
    [sent, bare(pending), N, both],
  ] as const
  const numberOf = ({ code, actions }: OutcomeKind): number =>
    actions.length === 0 ? code : actions.reduce<number>((kind, each) => window.kinds.with(kind, ...each), pending)
  const entries = (await scene.newFeed().read(0)).map((resolved, block) => {
    const [first, second, , last] = kinds[block] as (typeof kinds)[0]
    // The second half of each block settles after a commit.
    const entry = window.addRows(resolved, Uint32Array.of(numberOf(first), numberOf(second), notResolved, pending))
    window.expect(entry, 3, last.actions.length)
    return { entry, actions: last.actions }
  })
  for (const { entry, actions } of entries) {
    const settled = window.take()
    if (settled !== undefined) await commitSettled(scene.state, 'hook', settled, [letter(3, 0), letter(0, 2)], 1)
    if (entry !== entries.at(-1)?.entry) for (const each of actions) window.settle(entry, 3, ...each)
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
      delivered: 5,
      filtered: {},
      pending: { waiting: 1, inFlight: 0, parked: 0 },
      dead: { rejected: 2 },
      actions: { copy: { delivered: 3, dead: {} }, send: { delivered: 4, dead: { rejected: 2 } } },
    },
    {
      destination: 'hook',
      source: 'app',
      resolved: 4,
      delivered: 1,
      filtered: { no_action: 2 },
      pending: { waiting: 1, inFlight: 0, parked: 0 },
      dead: {},
      actions: { send: { delivered: 1, dead: {} } },
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
/** Other rows, in the numbers of the record, which its counts use too. */
const rows = ({ runs }: OutcomeRecord, ...list: readonly OutcomeKind[]): { runs: OutcomeRuns } => {
  const kinds = [...runs.kinds]
  const changed = new OutcomeRuns(kinds)
  for (const kind of list) {
    const known = kinds.findIndex((each) => JSON.stringify(each) === JSON.stringify(kind))
    changed.add(known === -1 ? kinds.push(kind) - 1 : known, 1)
  }
  return { runs: changed }
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
    (scene) => rewrite(scene, 1, (record) => rows(record, both, refused, F, N, sent)),
    /has a wrong number of rows/,
  ],
  [
    'missing rows',
    (scene) => rewrite(scene, 1, (record) => rows(record, refused, F, N)),
    /has fewer rows than the log/,
  ],
  [
    'a duplicate that counts as delivered',
    (scene) => rewrite(scene, 1, (record) => rows(record, both, refused, F, sent)),
    /row 3 of the outcome record at 1:3 disagrees with the resolve stage/,
  ],
  [
    'a message that counts as none',
    (scene) => rewrite(scene, 1, (record) => rows(record, both, refused, N, N)),
    /disagrees with the resolve stage/,
  ],
  [
    'another outcome',
    (scene) => rewrite(scene, 1, (record) => rows(record, sent, refused, sent, N)),
    /the records and the counter hook\/app\/2 differ/,
  ],
  [
    'another action',
    (scene) => rewrite(scene, 1, (record) => rows(record, at({ page: D, send: D }), refused, F, N)),
    /the counter hook\/web\/2\/copy differ[^]*the counter hook\/web\/2\/page differ/,
  ],
  [
    'an action that is left out',
    (scene) => rewrite(scene, 1, (record) => rows(record, sent, refused, F, N)),
    /counts other messages than its rows[^]*the counter hook\/web\/2\/copy differ/,
  ],
  [
    'a message that counts better than one of its actions',
    (scene) => rewrite(scene, 1, (record) => rows(record, { ...at({ copy: D, send: X }), code: D }, refused, F, N)),
    /the outcome record at 1:3 says delivered where the worst of the actions is rejected/,
  ],
  [
    'a message that counts worse than its actions',
    (scene) => rewrite(scene, 1, (record) => rows(record, { ...both, code: X }, refused, F, N)),
    /says rejected where the worst of the actions is delivered/,
  ],
  [
    'a filtered message at an action',
    (scene) => rewrite(scene, 1, (record) => rows(record, at({ send: filteredNoAction }), refused, F, N)),
    /says no_action of action "send"/,
  ],
  [
    'a dead message of no action',
    (scene) => rewrite(scene, 1, (record) => rows(record, both, bare(X), F, N)),
    /says dead\(rejected\) and of no action/,
  ],
  [
    'a record whose counts are not those of its rows',
    (scene) => rewrite(scene, 1, () => ({ counts: new Map([['web', new Map([[0, 9]])]]) })),
    /the outcome record at 1:3 counts other messages than its rows/,
  ],
  [
    'a wrong counter',
    (scene) => scene.state.transaction((tx) => tx.add(counterOf('hook', 'app', D), 1)),
    /the counter hook\/app\/2 differ/,
  ],
  [
    'a wrong counter of an action',
    (scene) => scene.state.transaction((tx) => tx.add(counterOf('hook', 'app', D, 'send'), 1)),
    /the counter hook\/app\/2\/send differ[^]*more messages are settled|more messages are settled[^]*hook\/app\/2\/send differ/,
  ],
  [
    'the dead of one action moved to another',
    (scene) =>
      scene.state.transaction((tx) => {
        tx.add(counterOf('hook', 'web', X, 'send'), -2)
        tx.add(counterOf('hook', 'web', X, 'copy'), 2)
      }),
    /the counter hook\/web\/7\/send differ[^]*the counter hook\/web\/7\/copy differ/,
  ],
  [
    'dead messages of an action where none is dead',
    (scene) => scene.state.transaction((tx) => tx.add(counterOf('hook', 'app', deadInvalid, 'send'), 1)),
    /more messages are dead at "send" than are dead/,
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
    /the message at 2:0 is dead at "send" and has no dead letter/,
  ],
  [
    'a dead letter of another action',
    (scene) =>
      scene.state.transaction((tx) => {
        tx.delete(deliveryState.dead, ['hook', 0, 3, 'send'])
        tx.put(deliveryState.dead, ['hook', 0, 3, 'copy'], encodeJson({ ...letter(3, 0).letter, action: 'copy' }))
      }),
    /the message at 0:3 is dead at "send" and has no dead letter/,
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
  assert.deepEqual(await trace(0, 0), ['hook delivered send'])
  assert.deepEqual(await trace(0, 1), ['hook filtered no_action'])
  assert.deepEqual(await trace(0, 2), [], 'a duplicate never reached delivery')
  assert.deepEqual(await trace(0, 3), ['hook delivered copy', 'hook dead rejected send "no"'])
  assert.deepEqual(await trace(1, 3), ['hook delivered copy', 'hook delivered send'])
  assert.deepEqual(await trace(2, 0), ['hook dead rejected send "no"', 'later pending'])
  assert.deepEqual(await trace(2, 3), ['hook delivered copy', 'later pending'])
  assert.deepEqual(await trace(3, 1), ['hook pending', 'later pending'])
  assert.deepEqual(await trace(3, 2), [], 'a duplicate waits for nothing')
  await scene.log.truncate(2)
  const after = scene.newFeed()
  assert.equal((await traceDeliveries(scene.state, after, { block: 2, index: 1 }))[0]?.outcome, 'unknown')
  assert.equal((await traceDeliveries(scene.state, after, { block: 2, index: 3 }))[0]?.outcome, 'delivered')
})
