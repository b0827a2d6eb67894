import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compileTrigger } from '@millrace/component-kit'
import { messageTypes } from '@millrace/protocol'
import type { JsonObject, Message } from '@millrace/protocol'
import { Matcher, isSelected } from './match.ts'
import { outcomeCodes } from './outcome-code.ts'
import { ResolvedBlock } from './resolved-block.ts'
import { blockOfRows } from './testing/scene.ts'
import type { TestRow } from './testing/scene.ts'

const action = (text: string) => ({ text, trigger: compileTrigger(text) })
const hook = { id: 'hook', name: 'My Hook', enabled: true }
const resolvedOf = (rows: readonly TestRow[]): ResolvedBlock => {
  const duplicates = rows.flatMap(({ duplicate }, row) => (duplicate ? [row] : []))
  const resolved = rows.filter(({ duplicate, rejected }) => !duplicate && !rejected).length
  return new ResolvedBlock(0, 1, blockOfRows(rows), {
    workspaceVersion: 1,
    resolved,
    ...(duplicates.length > 0 && { duplicates }),
  })
}

const row = fc.record(
  {
    id: fc.constantFrom('a', 'b'),
    source: fc.constantFrom('web', 'app'),
    type: fc.constantFrom(...messageTypes),
    event: fc.constantFrom('Order', 'Click'),
    integrations: fc.constantFrom<JsonObject>({ All: false }, { hook: false }, { All: false, 'My Hook': {} }),
    rejected: fc.constant(true as const),
    duplicate: fc.constant(true as const),
  },
  { requiredKeys: ['id', 'source', 'type'] },
)
const triggers = [
  'type = "track"',
  'type = "page"',
  'event = "Order"',
  'type = "track" and event != "Order"',
  'anonymousId = "p"',
  'type = "track" and properties.x = 1',
]

test('skipping a whole block says the same as looking at each row', () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 5 }),
      fc.subarray(triggers),
      fc.boolean(),
      fc.option(fc.subarray(['web', 'app', 'ios']), { nil: undefined }),
      (rows, texts, enabled, sources) => {
        const matcher = new Matcher({ ...hook, enabled, ...(sources && { sources }) }, texts.map(action))
        const resolved = resolvedOf(rows)
        const code = matcher.skip(resolved)
        if (code === undefined) return
        for (const [at] of rows.entries()) assert.deepEqual(matcher.match(resolved, at), { code }, `row ${at}`)
      },
    ),
    { numRuns: 500 },
  )
})

test('skips blocks that hold nothing for a destination, so that the property above is about something', () => {
  const pages = resolvedOf([
    { id: 'a', type: 'page' },
    { id: 'b', type: 'screen' },
  ])
  assert.equal(new Matcher(hook, [action('type = "track"')]).skip(pages), outcomeCodes.filteredNoAction)
  assert.equal(new Matcher(hook, []).skip(pages), outcomeCodes.filteredNoAction)
  assert.equal(
    new Matcher({ ...hook, enabled: false }, [action('type = "page"')]).skip(pages),
    outcomeCodes.filteredDisabled,
  )
  assert.equal(
    new Matcher({ ...hook, sources: [] }, [action('type = "page"')]).skip(pages),
    outcomeCodes.filteredNotConnected,
  )
  assert.equal(new Matcher(hook, [action('type = "page"')]).skip(pages), undefined)
  const orders = resolvedOf([{ id: 'a', event: 'Order' }])
  assert.equal(new Matcher(hook, [action('event = "Click"')]).skip(orders), outcomeCodes.filteredNoAction)
  assert.equal(new Matcher(hook, [action('properties.x = 1')]).skip(orders), undefined)
})

test('a track message without an event name does not make its block be skipped', () => {
  const { block } = resolvedOf([{ id: 'a' }])
  const nameless = Object.assign(Object.create(block) as typeof block, { event: () => undefined })
  Object.defineProperty(nameless, 'dictionary', { value: { ...block.dictionary, events: [] } })
  for (const name of ['type', 'isMessage', 'source', 'sourceIndex', 'message'] as const) {
    Object.defineProperty(nameless, name, { value: block[name].bind(block) })
  }
  const resolved = resolvedOf([{ id: 'a' }])
  Object.defineProperty(resolved, 'block', { value: nameless })
  Object.defineProperty(resolved, 'isWholly', { value: true })
  const matcher = new Matcher(hook, [action('type = "track"')])
  assert.equal(matcher.skip(resolved), undefined)
})

test('decides in order: resolved, connected, enabled, triggers, integrations', () => {
  const rows: TestRow[] = [
    { id: 'a', rejected: true, source: 'ios' },
    { id: 'b', duplicate: true },
    { id: 'c', source: 'ios' },
    { id: 'd', type: 'page', integrations: { All: false } },
    { id: 'e', integrations: { All: false } },
    { id: 'f' },
  ]
  const resolved = resolvedOf(rows)
  const codesOf = (enabled: boolean): unknown[] => {
    const matcher = new Matcher({ ...hook, enabled, sources: ['web'] }, [
      action('type = "track"'),
      action('event = "E"'),
    ])
    return rows.map((_, at) => {
      const match = matcher.match(resolved, at)
      return 'code' in match ? match.code : match.actions.map(({ text }) => text)
    })
  }
  const { notResolved, filteredNotConnected, filteredDisabled, filteredNoAction, filteredIntegrations } = outcomeCodes
  assert.deepEqual(codesOf(true), [
    notResolved,
    notResolved,
    filteredNotConnected,
    filteredNoAction,
    filteredIntegrations,
    ['type = "track"', 'event = "E"'],
  ])
  assert.deepEqual(codesOf(false).slice(2), [
    filteredNotConnected,
    filteredDisabled,
    filteredDisabled,
    filteredDisabled,
  ])
})

const choices: [unknown, boolean, string][] = [
  [undefined, true, 'absent'],
  [null, true, 'null'],
  [{}, true, 'empty'],
  [{ All: false }, false, 'All false'],
  [{ All: true }, true, 'All true'],
  [{ All: false, 'My Hook': true }, true, 'named by name'],
  [{ All: false, hook: true }, true, 'named by id'],
  [{ All: false, hook: { apiKey: 'x' } }, true, 'an options object'],
  [{ All: false, hook: null }, true, 'null is no false'],
  [{ hook: false }, false, 'left out by id'],
  [{ 'My Hook': false }, false, 'left out by name'],
  [{ 'My Hook': true, hook: false }, true, 'the name counts before the id'],
  [{ other: false }, true, 'another one is left out'],
  [{ All: false, other: true }, false, 'another one is named'],
  [{ All: false, 'my hook': true }, false, 'names are exact'],
  ['hook', true, 'a text is no choice'],
]
for (const [integrations, expected, name] of choices) {
  test(`integrations: ${name} ${expected ? 'selects' : 'leaves out'} the destination`, () => {
    assert.equal(isSelected({ integrations } as Message, hook), expected)
  })
}
