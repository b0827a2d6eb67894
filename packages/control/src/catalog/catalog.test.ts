import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testRegistry } from '../testing/test-registry.ts'
import { catalogOf } from './catalog.ts'

describe('the catalog', () => {
  it('has each component as it is declared, in a form that survives JSON', () => {
    const catalog = catalogOf(testRegistry)
    assert.deepEqual(JSON.parse(JSON.stringify(catalog)), catalog)
    assert.deepEqual(
      [catalog.sources, catalog.destinations, catalog.warehouses].map((list) => list.map(({ type }) => type)),
      [['http'], ['hook'], ['lake']],
    )
    const [hook] = catalog.destinations
    assert.equal(hook?.settings.token?.type, 'secret')
    assert.deepEqual(hook.settingsSchema.required, ['url'])
    assert.deepEqual(
      hook.actions.map(({ action, trigger }) => [action, trigger]),
      [
        ['post', 'type != null'],
        ['erase', 'type = "track" and event = "Erase"'],
      ],
    )
    assert.deepEqual(hook.actions[0]?.defaultMapping, { text: { '@path': '$.event' } })
    assert.deepEqual(
      hook.presets.map(({ name }) => name),
      ['All'],
    )
  })
})
