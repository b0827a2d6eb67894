import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compareCursors } from '@millrace/storage'
import { DeliveryWindow } from './delivery-window.ts'
import type { Settled, WindowEntry } from './delivery-window.ts'
import { countersOf } from './delivery-state.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import type { ActionOutcome, OutcomeKind } from './outcome-kind.ts'
import { ResolvedBlock } from './resolved-block.ts'
import { blockOfRows } from './testing/scene.ts'
import type { TestRow } from './testing/scene.ts'

const { pending, notResolved, delivered, deadRejected, filteredNoAction, deadInvalid } = outcomeCodes

const resolvedOf = (offset: number, rows: readonly TestRow[]): ResolvedBlock => {
  const duplicates = rows.flatMap(({ duplicate }, row) => (duplicate ? [row] : []))
  const resolved = rows.filter(({ duplicate, rejected }) => !duplicate && !rejected).length
  const record = { workspaceVersion: 1, resolved, ...(duplicates.length > 0 && { duplicates }) }
  return new ResolvedBlock(offset, offset + 10, blockOfRows(rows), record)
}

const outcome = fc.tuple(
  fc.constantFrom('send', 'copy', 'a/b', '__proto__'),
  fc.constantFrom<OutcomeCode>(delivered, deadRejected, deadInvalid),
)
const actionsOfRow = fc.uniqueArray(outcome, { minLength: 1, maxLength: 3, selector: ([action]) => action })
/** How a row is decided: at once, or later by so many actions. */
const rowPlan = fc.oneof(
  fc.constant({ kind: 'filtered' as const }),
  fc.constant({ kind: 'duplicate' as const }),
  fc.record({ kind: fc.constant('sent' as const), actions: actionsOfRow }),
)
const blockPlan = fc.record({
  source: fc.constantFrom('web', 'app'),
  whole: fc.boolean(),
  rows: fc.array(rowPlan, { maxLength: 6 }),
})

/** Written again, so that the rule is said twice. */
const worstOfAll = (actions: readonly ActionOutcome[]): OutcomeCode => {
  const codes = new Set(actions.map(([, code]) => code))
  return [deadInvalid, deadRejected, delivered].find((code) => codes.has(code)) as OutcomeCode
}

test('whatever the order in which rows settle, commits tile the rows exactly and stop at the first unsettled one', () => {
  fc.assert(
    fc.property(
      fc.array(blockPlan, { minLength: 1, maxLength: 8 }),
      fc.nat(5),
      fc.infiniteStream(fc.nat(0xffff)),
      (blocks, firstIndex, choices) => {
        const pick = (below: number): number => (choices.next().value as number) % below
        const start = { block: 0, index: Math.min(firstIndex, blocks[0]?.rows.length ?? 0) }
        const window = new DeliveryWindow(start)
        const expected: { source: string; kind: OutcomeKind }[] = []
        const open: { entry: WindowEntry; row: number; block: number; left: ActionOutcome[] }[] = []
        const unsettled = new Set<string>()
        const commits: Settled[] = []
        const take = (): void => {
          const settled = window.take()
          if (settled !== undefined) commits.push(settled)
          const at = commits.at(-1)?.to ?? start
          for (const place of unsettled) {
            const [block = 0, index = 0] = place.split(':').map(Number)
            assert.ok(compareCursors(at, { block, index }) <= 0, `the cursor passed the unsettled row ${place}`)
          }
          assert.equal(window.inFlight, unsettled.size)
        }
        for (const [number, { source, whole, rows }] of blocks.entries()) {
          const block = number * 10
          const first = number === 0 ? start.index : 0
          const resolved = resolvedOf(
            block,
            rows.map(({ kind }, row) => ({
              id: `m${block}-${row}`,
              source,
              ...(kind === 'duplicate' && !whole && { duplicate: true }),
            })),
          )
          if (whole) {
            window.addWhole(resolved, filteredNoAction)
            for (let row = first; row < rows.length; row++)
              expected.push({ source, kind: { code: filteredNoAction, actions: [] } })
          } else {
            const kinds = Uint32Array.from(rows, ({ kind }) =>
              kind === 'filtered' ? filteredNoAction : kind === 'duplicate' ? notResolved : pending,
            )
            const entry = window.addRows(resolved, kinds)
            for (const [row, plan] of rows.entries()) {
              if (row < first) continue
              const actions = plan.kind === 'sent' ? plan.actions : []
              if (actions.length > 0) {
                window.expect(entry, row, actions.length)
                unsettled.add(`${block}:${row}`)
                open.push({ entry, row, block, left: [...actions] })
              }
              const code = actions.length > 0 ? worstOfAll(actions) : (kinds[row] as OutcomeCode)
              expected.push({ source, kind: { code, actions: [...actions].sort(([a], [b]) => (a < b ? -1 : 1)) } })
            }
          }
          take()
          while (open.length > 0 && pick(3) > 0) settleOne()
        }
        function settleOne(): void {
          const chosen = open[pick(open.length)] as (typeof open)[0]
          const [[action, code]] = chosen.left.splice(pick(chosen.left.length), 1) as [ActionOutcome]
          window.settle(chosen.entry, chosen.row, action, code)
          if (chosen.left.length === 0) {
            open.splice(open.indexOf(chosen), 1)
            unsettled.delete(`${chosen.block}:${chosen.row}`)
          }
          if (pick(2) === 0) take()
        }
        while (open.length > 0) settleOne()
        take()

        let at = start
        const kinds: OutcomeKind[] = []
        const counts = new Map<string, number>()
        for (const { from, to, runs, counts: said } of commits) {
          assert.deepEqual(from, at, 'no gap, no overlap')
          at = to
          for (const kind of runs.rows()) kinds.push(runs.kinds[kind] as OutcomeKind)
          for (const [source, byKind] of said) {
            for (const [kind, messages] of byKind) {
              for (const name of countersOf('hook', source, runs.kinds[kind] as OutcomeKind)) {
                counts.set(name, (counts.get(name) ?? 0) + messages)
              }
            }
          }
        }
        assert.deepEqual(at, { block: blocks.length * 10, index: 0 })
        assert.deepEqual(
          kinds,
          expected.map(({ kind }) => kind),
        )
        const expectedCounts = new Map<string, number>()
        for (const { source, kind } of expected) {
          if (kind.code === notResolved) continue
          const actions = kind.actions.map(([action, code]) => `hook/${source}/${code}/${action}`)
          for (const name of [`hook/${source}/${kind.code}`, ...actions]) {
            expectedCounts.set(name, (expectedCounts.get(name) ?? 0) + 1)
          }
        }
        assert.deepEqual(Object.fromEntries(counts), Object.fromEntries(expectedCounts))
        assert.equal(window.isEmpty, true)
        assert.equal(window.bytes, 0)
        assert.equal(window.settledRows, 0)
        assert.equal(window.inFlight, 0)
        assert.equal(window.take(), undefined)
      },
    ),
    { numRuns: 300 },
  )
})

test('holds the bytes of a block until its last row is committed', () => {
  const window = new DeliveryWindow({ block: 0, index: 0 })
  const resolved = resolvedOf(0, [{ id: 'a' }, { id: 'b' }])
  const entry = window.addRows(resolved, Uint32Array.of(pending, pending))
  window.settle(entry, 0, 'send', delivered)
  assert.deepEqual(window.take()?.to, { block: 0, index: 1 })
  assert.equal(window.bytes, resolved.block.bytes.length)
  window.settle(entry, 1, 'send', delivered)
  assert.deepEqual(window.take()?.to, { block: 10, index: 0 })
  assert.equal(window.bytes, 0)
})

test('a whole block of several sources, begun in its middle, is counted by source', () => {
  const window = new DeliveryWindow({ block: 0, index: 1 })
  const rows: TestRow[] = [{ id: 'a' }, { id: 'b' }, { id: 'c', source: 'app' }, { id: 'd', source: 'app' }]
  window.addWhole(resolvedOf(0, rows), filteredNoAction)
  const settled = window.take()
  assert.equal(settled?.runs.rowCount, 3)
  assert.deepEqual(
    settled?.counts,
    new Map([
      ['web', new Map([[filteredNoAction, 1]])],
      ['app', new Map([[filteredNoAction, 2]])],
    ]),
  )
})
