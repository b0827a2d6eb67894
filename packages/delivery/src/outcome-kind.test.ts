import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { outcomeCodes, outcomeTerms } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { OutcomeKinds, worstOf } from './outcome-kind.ts'
import type { ActionOutcome } from './outcome-kind.ts'

const { pending, delivered, deadRejected, deadInvalid, deadRetryWindow } = outcomeCodes

const outcomes = fc.uniqueArray(
  fc.tuple(fc.string(), fc.constantFrom<OutcomeCode>(delivered, deadRejected, deadInvalid, deadRetryWindow)),
  { minLength: 1, maxLength: 6, selector: ([action]) => action },
)

const numberOf = (kinds: OutcomeKinds, actions: readonly ActionOutcome[]): number =>
  actions.reduce<number>((kind, [action, code]) => kinds.with(kind, action, code), pending)

test('the first numbers are the bare codes', () => {
  const { list } = new OutcomeKinds()
  assert.deepEqual(
    list,
    outcomeTerms.map((_, code) => ({ code, actions: [] })),
  )
})

test('the same outcomes have one number, whoever reported first, and no others have it', () => {
  fc.assert(
    fc.property(fc.array(outcomes, { minLength: 1, maxLength: 8 }), fc.nat(0xffff), (rows, turn) => {
      const kinds = new OutcomeKinds()
      const texts = new Map<number, string>()
      for (const actions of rows) {
        const number = numberOf(kinds, actions)
        const at = turn % actions.length
        assert.equal(numberOf(kinds, [...actions.slice(at), ...actions.slice(0, at)]), number)
        const { code, actions: said } = kinds.list[number] ?? {}
        const text = JSON.stringify(Object.entries(Object.fromEntries(actions)).sort(([a], [b]) => (a < b ? -1 : 1)))
        assert.deepEqual(said, JSON.parse(text))
        assert.equal(code, worstOf(actions))
        assert.equal(texts.get(number) ?? text, text)
        texts.set(number, text)
      }
      assert.equal(texts.size, new Set(texts.values()).size)
    }),
  )
})

test('settling what was met before adds nothing to the list', () => {
  const kinds = new OutcomeKinds()
  const row: ActionOutcome[] = [
    ['send', delivered],
    ['copy', deadRejected],
  ]
  numberOf(kinds, row)
  const { length } = kinds.list
  for (let times = 0; times < 100; times++) numberOf(kinds, row)
  assert.equal(kinds.list.length, length)
})

test('dead is worse than delivered, and of two dead ones the higher code counts', () => {
  assert.equal(worstOf([['a', delivered]]), delivered)
  const cases: [OutcomeCode, OutcomeCode, OutcomeCode][] = [
    [delivered, deadRejected, deadRejected],
    [deadInvalid, deadRejected, deadInvalid],
    [deadInvalid, deadRetryWindow, deadRetryWindow],
  ]
  for (const [a, b, worst] of cases) {
    assert.equal(
      worstOf([
        ['x', a],
        ['y', b],
      ]),
      worst,
    )
    assert.equal(
      worstOf([
        ['x', b],
        ['y', a],
      ]),
      worst,
    )
  }
})
