import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Action, AnyDestination, BatchSpec } from './destination.ts'
import { defineAction, defineDestination } from './destination.ts'
import { defineFields } from './fields.ts'

const settings = defineFields({})
type Deliver = Action<typeof settings, typeof settings>['deliver']
const action = (deliver: Deliver, batch: BatchSpec) =>
  defineAction({
    title: 'An action',
    description: 'Does nothing.',
    trigger: 'type != null',
    settings,
    fields: settings,
    batch,
    deliver,
    examples: [],
  })
const destination = (one: BatchSpec, other: BatchSpec, together: boolean): AnyDestination => {
  const deliver: Deliver = () => Promise.resolve([])
  const own: Deliver = () => Promise.resolve([])
  const actions = { one: action(deliver, one), other: action(together ? deliver : own, other) }
  return defineDestination({ slug: 'x', name: 'X', description: 'X.', settings, actions })
}

test('actions that share deliver must declare the same limits of a batch', () => {
  const refused = /actions "one" and "other" of x share deliver, .* the same maxMessages and maxBytes/
  assert.throws(() => destination({ maxMessages: 10 }, { maxMessages: 11 }, true), refused)
  assert.throws(() => destination({ maxMessages: 10, maxBytes: 1 }, { maxMessages: 10 }, true), refused)
  // Two functions may answer differently, so they must be the same one.
  assert.throws(() => destination({ maxMessages: () => 10 }, { maxMessages: () => 10 }, true), refused)
  const limit = (): number => 10
  assert.equal(destination({ maxMessages: limit, maxBytes: 5 }, { maxMessages: limit, maxBytes: 5 }, true).slug, 'x')
})

test('actions with functions of their own may have any limits', () => {
  assert.equal(destination({ maxMessages: 10 }, { maxMessages: 1, maxBytes: 5 }, false).slug, 'x')
})
