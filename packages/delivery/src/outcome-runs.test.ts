import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { OutcomeKinds } from './outcome-kind.ts'
import type { OutcomeKind } from './outcome-kind.ts'
import { OutcomeRuns, decodeOutcomes, encodeOutcomes } from './outcome-runs.ts'

const { list: bare } = new OutcomeKinds()

const runsOf = (items: readonly (readonly [number, number])[], kinds: readonly OutcomeKind[] = bare): OutcomeRuns => {
  const runs = new OutcomeRuns(kinds)
  for (const [kind, length] of items) runs.add(kind, length)
  return runs
}

const lengths = fc.oneof(fc.nat(300), fc.constantFrom(0, 127, 128, 16_383, 16_384, 0xffff_ffff, 2 ** 40))
const code = fc.nat(10) as fc.Arbitrary<OutcomeCode>
const actions = fc.array(fc.tuple(fc.oneof(fc.string(), fc.constant('__proto__')), code), { maxLength: 3 })

/** What runs say, without the numbers that they say it with. */
const meaningOf = ({ kinds, items }: OutcomeRuns): unknown[] =>
  items.map((item, at) => (at % 2 === 0 ? kinds[item] : item))

test('what is stored is read back, whatever the lengths, places, kinds and names of sources and actions', () => {
  const cursor = fc.record({ block: fc.nat(Number.MAX_SAFE_INTEGER), index: fc.nat(16_384) }, { noNullPrototype: true })
  // More kinds than one byte can tell apart.
  const kinds = fc.array(fc.record({ code, actions }, { noNullPrototype: true }), { minLength: 1, maxLength: 400 })
  const counts = fc.dictionary(fc.string(), fc.dictionary(fc.nat(399).map(String), fc.nat(1e9)))
  fc.assert(
    fc.property(
      cursor,
      cursor,
      fc.nat(0xffff_ffff),
      fc.array(fc.tuple(fc.nat(399), lengths), { maxLength: 400, size: 'max' }),
      kinds,
      counts,
      (from, to, version, items, table, said) => {
        const bySource = new Map(
          Object.entries(said).map(([source, byKind]) => [
            source,
            new Map(Object.entries(byKind).map(([kind, messages]) => [Number(kind) % table.length, messages])),
          ]),
        )
        const runs = runsOf(
          items.map(([kind, length]) => [kind % table.length, length]),
          table,
        )
        const read = decodeOutcomes(from, encodeOutcomes(to, version, runs, bySource))
        assert.deepEqual(read.from, from)
        assert.deepEqual(read.to, to)
        assert.equal(read.workspaceVersion, version)
        assert.deepEqual(meaningOf(read.runs), meaningOf(runs))
        assert.deepEqual([...read.counts.keys()].sort(), [...bySource.keys()].sort())
        for (const [source, byKind] of bySource) {
          const meant = (counted: ReadonlyMap<number, number>, list: readonly OutcomeKind[]): string[] =>
            [...counted].map(([kind, messages]) => JSON.stringify([list[kind], messages])).sort()
          assert.deepEqual(meant(read.counts.get(source) ?? new Map(), read.runs.kinds), meant(byKind, table))
        }
      },
    ),
  )
})

test('more than 255 kinds in one record are told apart', () => {
  const kinds = new OutcomeKinds()
  const numbers = Array.from({ length: 300 }, (_, at) => kinds.with(0, `action ${at}`, outcomeCodes.delivered))
  const runs = runsOf(
    numbers.map((kind) => [kind, 1]),
    kinds.list,
  )
  const read = decodeOutcomes({ block: 0, index: 0 }, encodeOutcomes({ block: 1, index: 0 }, 1, runs, new Map()))
  for (let at = 0; at < 300; at++)
    assert.deepEqual(read.runs.at(at)?.actions, [[`action ${at}`, outcomeCodes.delivered]])
})

test('runs hold the same kinds as a list, with neighbours joined', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(5)), { maxLength: 30 }), (items) => {
      const runs = runsOf(items)
      const rows = items.flatMap(([kind, length]) => Array.from({ length }, () => kind))
      assert.equal(runs.rowCount, rows.length)
      assert.deepEqual([...runs.rows()], rows)
      for (const [at, kind] of rows.entries()) assert.equal(runs.at(at), bare[kind])
      assert.equal(runs.at(rows.length), undefined)
      for (let at = 2; at < runs.items.length; at += 2) assert.notEqual(runs.items[at], runs.items[at - 2])
    }),
  )
})

test('a thousand delivered messages take three bytes, header and table aside', () => {
  const kinds = new OutcomeKinds()
  const kind = kinds.with(kinds.with(0, 'send', outcomeCodes.delivered), 'copy', outcomeCodes.delivered)
  const counts = new Map([['web', new Map([[kind, 1000]])]])
  const size = (runs: OutcomeRuns): number => encodeOutcomes({ block: 1, index: 0 }, 1, runs, counts).length
  assert.equal(size(runsOf([[kind, 1000]], kinds.list)) - size(new OutcomeRuns(kinds.list)), 3)
})
