import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { OutcomeRuns, decodeOutcomes, encodeOutcomes } from './outcome-runs.ts'

const runsOf = (list: readonly (readonly [number, number])[]): OutcomeRuns => {
  const runs = new OutcomeRuns()
  for (const [code, length] of list) runs.add(code, length)
  return runs
}

const lengths = fc.oneof(fc.nat(300), fc.constantFrom(0, 127, 128, 16_383, 16_384, 0xffff_ffff, 2 ** 40))

test('what is stored is read back, whatever the lengths, places and names of sources', () => {
  const cursor = fc.record({ block: fc.nat(Number.MAX_SAFE_INTEGER), index: fc.nat(16_384) }, { noNullPrototype: true })
  const counts = fc.dictionary(fc.string(), fc.dictionary(fc.nat(10).map(String), fc.nat(1e9)))
  fc.assert(
    fc.property(
      cursor,
      cursor,
      fc.nat(0xffff_ffff),
      fc.array(fc.tuple(fc.nat(255), lengths)),
      counts,
      (from, to, version, list, said) => {
        const bySource = new Map(
          Object.entries(said).map(([source, byCode]) => [
            source,
            new Map(Object.entries(byCode).map(([code, messages]) => [Number(code), messages])),
          ]),
        )
        const runs = runsOf(list)
        const read = decodeOutcomes(from, encodeOutcomes(to, version, runs, bySource))
        assert.deepEqual(read.from, from)
        assert.deepEqual(read.to, to)
        assert.equal(read.workspaceVersion, version)
        assert.deepEqual(read.runs.items, runs.items)
        assert.deepEqual(read.counts, bySource)
      },
    ),
  )
})

test('runs hold the same codes as a list, with neighbours joined', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(5)), { maxLength: 30 }), (list) => {
      const runs = runsOf(list)
      const rows = list.flatMap(([code, length]) => Array.from({ length }, () => code))
      assert.equal(runs.rowCount, rows.length)
      assert.deepEqual([...runs.codes()], rows)
      for (const [at, code] of rows.entries()) assert.equal(runs.at(at), code)
      assert.equal(runs.at(rows.length), undefined)
      for (let at = 2; at < runs.items.length; at += 2) assert.notEqual(runs.items[at], runs.items[at - 2])
    }),
  )
})

test('a thousand delivered messages take three bytes, header and counts aside', () => {
  const size = (runs: OutcomeRuns): number => encodeOutcomes({ block: 1, index: 0 }, 1, runs, new Map()).length
  assert.equal(size(runsOf([[2, 1000]])) - size(new OutcomeRuns()), 3)
})
