import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultMapping } from './default-mapping.ts'
import type { Preset } from './destination.ts'
import { defineAction, defineDestination } from './destination.ts'
import { defineFields } from './fields.ts'
import { compileMapping } from './mapping/compile-mapping.ts'
import { presetsOf } from './presets.ts'

const about = { label: 'Label', description: 'Text.', example: 'x' } as const
const settings = defineFields({})
const fields = defineFields({
  id: { ...about, type: 'string', default: { '@path': '$.userId' } },
  kind: { ...about, type: 'string', default: 'event' },
  note: { ...about, type: 'string' },
})
const action = (title: string, trigger: string) =>
  defineAction({
    title,
    description: 'Text.',
    trigger,
    settings,
    fields,
    batch: { maxMessages: 1 },
    deliver: () => Promise.resolve([]),
    examples: [],
  })
const actions = { send: action('Send', 'type = "track"'), identify: action('Identify', 'type = "identify"') }
const destination = (presets?: readonly Preset[]) =>
  defineDestination({ slug: 'x', name: 'X', description: 'X.', settings, actions, ...(presets && { presets }) })

describe('presets', () => {
  it('are each action with its default trigger and mapping, when none are declared', () => {
    const mapping = { id: { '@path': '$.userId' }, kind: 'event' }
    assert.deepEqual(presetsOf(destination()), [
      { name: 'send', action: 'send', trigger: 'type = "track"', fields: mapping },
      { name: 'identify', action: 'identify', trigger: 'type = "identify"', fields: mapping },
    ])
  })

  it('replace single fields and the trigger of their action', () => {
    const presets = presetsOf(
      destination([
        { name: 'Orders', action: 'send', trigger: 'event = "Order Completed"', fields: { kind: 'order' } },
        { name: 'All', action: 'send' },
      ]),
    )
    assert.deepEqual(presets, [
      {
        name: 'Orders',
        action: 'send',
        trigger: 'event = "Order Completed"',
        fields: { id: { '@path': '$.userId' }, kind: 'order' },
      },
      {
        name: 'All',
        action: 'send',
        trigger: 'type = "track"',
        fields: { id: { '@path': '$.userId' }, kind: 'event' },
      },
    ])
  })

  it('that name an unknown action are refused', () => {
    assert.throws(() => presetsOf(destination([{ name: 'A', action: 'toString' }])), /the actions are send, identify/)
  })

  it('are copies: changing one changes no declaration', () => {
    presetsOf(destination())[0]!.fields['kind'] = 'changed'
    assert.equal(defaultMapping(fields)['kind'], 'event')
  })

  it('compile', () => {
    assert.deepEqual(compileMapping(defaultMapping(fields)).apply({ userId: 'u' }), { id: 'u', kind: 'event' })
  })
})
