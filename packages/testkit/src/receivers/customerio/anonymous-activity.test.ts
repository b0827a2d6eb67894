import type { JsonObject } from '@millrace/protocol'
import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyJson, event, identify } from './apply-json.ts'
import { anonymousRetentionMs, lateAnonymousMs } from './limits.ts'
import { CustomerIoWorkspace } from './workspace.ts'

const anonymous = { anonymous_id: 'anon' }
const identified = identify({ id: 'u-1' }, { anonymous_id: 'anon' })
const names = (events: readonly { name: string }[]): string[] => events.map(({ name }) => name)

test('identifying with the anonymous id takes over what was done before', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, event(anonymous, 'Viewed', { action: 'page', timestamp: 10 }))
  applyJson(workspace, event(anonymous, 'Added', { timestamp: 20 }))
  applyJson(workspace, event({ anonymous_id: 'other' }, 'Elsewhere'))
  assert.deepEqual(names(workspace.anonymousEvents('anon')), ['Viewed', 'Added'])
  assert.deepEqual(workspace.people(), [])
  applyJson(workspace, identified)
  assert.deepEqual(names(workspace.eventsOf('u-1')), ['Viewed', 'Added'])
  assert.deepEqual(workspace.anonymousIds(), ['other'])
  assert.deepEqual(workspace.person('u-1')?.attributes, { anonymous_id: 'anon' })
})

test('an identify without the anonymous id takes nothing over', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, event(anonymous, 'Added'))
  applyJson(workspace, identify({ id: 'u-1' }))
  applyJson(workspace, event({ id: 'u-1' }, 'Bought', { attributes: { anonymous_id: 'anon' } }))
  assert.deepEqual(names(workspace.eventsOf('u-1')), ['Bought'])
  assert.deepEqual(names(workspace.anonymousEvents('anon')), ['Added'])
})

test('what waits is kept for 30 days', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, event(anonymous, 'Lost'), 0)
  applyJson(workspace, event(anonymous, 'Kept'), 1)
  applyJson(workspace, event({ anonymous_id: 'other' }, 'Lost'), 2)
  applyJson(workspace, identified, anonymousRetentionMs + 1)
  assert.deepEqual(names(workspace.eventsOf('u-1')), ['Kept'])
  assert.deepEqual(workspace.anonymousIds(), ['other'])
  applyJson(workspace, identify({ id: 'u-2' }), anonymousRetentionMs + 3)
  assert.deepEqual(workspace.anonymousIds(), [])
})

test('what arrives up to five minutes after the identify call goes to the person, later it waits', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identified, 1000)
  applyJson(workspace, event(anonymous, 'Late'), 1000 + lateAnonymousMs)
  applyJson(workspace, event(anonymous, 'Too late'), 1001 + lateAnonymousMs)
  assert.deepEqual(names(workspace.eventsOf('u-1')), ['Late'])
  assert.deepEqual(names(workspace.anonymousEvents('anon')), ['Too late'])
  applyJson(workspace, identified, 2000 + lateAnonymousMs)
  assert.deepEqual(names(workspace.eventsOf('u-1')), ['Late', 'Too late'])
})

test('an anonymous id belongs to the first person who was identified with it', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identified)
  applyJson(workspace, identify({ id: 'u-2' }, { anonymous_id: 'anon', plan: 'pro' }))
  applyJson(workspace, event(anonymous, 'Added'))
  assert.deepEqual(names(workspace.eventsOf('u-1')), ['Added'])
  assert.deepEqual(workspace.eventsOf('u-2'), [])
  assert.deepEqual(workspace.person('u-2')?.attributes, { plan: 'pro' })
  assert.deepEqual(workspace.notices(), [
    { kind: 'failed_attribute_change', action: 'identify', why: 'anonymous_id: it belongs to another person' },
  ])
})

test('one person may have had several anonymous ids', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, event(anonymous, 'On the phone', { timestamp: 1 }))
  applyJson(workspace, event({ anonymous_id: 'desk' }, 'On the desk', { timestamp: 2 }))
  applyJson(workspace, identified)
  applyJson(workspace, identify({ id: 'u-1' }, { anonymous_id: 'desk' }))
  applyJson(workspace, event(anonymous, 'Late', { timestamp: 3 }))
  assert.deepEqual(names(workspace.eventsOf('u-1')), ['On the phone', 'On the desk', 'Late'])
  assert.deepEqual(workspace.person('u-1')?.attributes, { anonymous_id: 'desk' })
})

test('relationships of somebody anonymous carry over as well, unless the object is gone', () => {
  const workspace = new CustomerIoWorkspace()
  const relate = (id: string): JsonObject => ({
    type: 'object',
    action: 'identify_anonymous',
    identifiers: { object_type_id: '1', object_id: id },
    cio_relationships: [{ identifiers: anonymous, relationship_attributes: { role: 'owner' } }],
  })
  applyJson(workspace, relate('g-1'))
  applyJson(workspace, relate('g-2'))
  assert.equal(workspace.anonymousRelationships('anon').length, 2)
  applyJson(workspace, { type: 'object', action: 'delete', identifiers: { object_type_id: '1', object_id: 'g-2' } })
  applyJson(workspace, identified)
  const relationship = (id: string): object => ({ object: { typeId: '1', id }, attributes: { role: 'owner' } })
  assert.deepEqual(workspace.relationshipsOf('u-1'), [relationship('g-1')])
  applyJson(workspace, relate('g-3'))
  assert.deepEqual(workspace.relationshipsOf('u-1'), [relationship('g-1'), relationship('g-3')])
})

test('within 30 days before and five minutes after, it does not matter when the identify call arrives', () => {
  const step = fc.record({ gapMs: fc.nat(lateAnonymousMs), known: fc.boolean(), seconds: fc.nat(9) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), fc.nat(8), fc.nat(8), (steps, first, second) => {
      const run = (place: number): CustomerIoWorkspace => {
        const workspace = new CustomerIoWorkspace()
        // After the identify call all the rest arrives within its five minutes.
        const share = steps.length + 1
        let now = 0
        for (const [index, { gapMs, known, seconds }] of steps.entries()) {
          if (index === place) applyJson(workspace, identified, now)
          now += Math.floor(gapMs / share)
          const who = known ? { id: 'u-1' } : anonymous
          applyJson(workspace, event(who, `E${index}`, { timestamp: seconds }), now)
        }
        if (place >= steps.length) applyJson(workspace, identified, now)
        return workspace
      }
      const [one, other] = [run(first), run(second)]
      assert.deepEqual(one.person('u-1')?.attributes, { anonymous_id: 'anon' })
      const sorted = (workspace: CustomerIoWorkspace): object[] =>
        workspace.eventsOf('u-1').sort((a, b) => a.timestamp - b.timestamp || (a.name < b.name ? -1 : 1))
      assert.equal(sorted(one).length, steps.length)
      assert.deepEqual(sorted(one), sorted(other))
      assert.deepEqual([one.anonymousIds(), other.anonymousIds()], [[], []])
    }),
    { numRuns: 200 },
  )
})
