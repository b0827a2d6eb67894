import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json } from '@millrace/protocol'
import * as fc from 'fast-check'
import { jsonSchemaProblem } from '../testing/json-schema-problem.ts'
import { testRegistry } from '../testing/test-registry.ts'
import { checkWorkspace } from './check-workspace.ts'
import { workspaceSchema } from './workspace-schema.ts'

const schema = workspaceSchema(testRegistry)
const env = { TOKEN: 't' }

/** An object with some of these keys, each with one of its values; the first value of a key is a good one. */
const someOf = (values: { [key: string]: unknown[] }) =>
  fc.record(Object.fromEntries(Object.entries(values).map(([key, list]) => [key, fc.constantFrom(...list)])), {
    requiredKeys: [],
  })

const variable = { $env: 'TOKEN' }
const hook = someOf({
  type: ['hook', 'lake', 'nope'],
  name: ['Hook', 5],
  sources: [['web'], [], ['nope']],
  enabled: [false, 'no'],
  settings: [
    { url: 'https://example.com' },
    { url: variable, token: variable, keys: [variable, 'k'], headers: { a: variable } },
    { url: 'x', method: 'PUT', batchSize: 100 },
    { path: variable },
    { url: 'x', batchSize: 0 },
    { url: 'x', method: 'GET' },
    {},
  ],
  mappings: [
    [{ action: 'post', trigger: 'type = "page"', fields: { note: { '@path': '$.a' } } }],
    [],
    [{ action: 'x' }],
  ],
  delivery: [{ timeoutMs: 5 }, { timeoutMs: 0 }],
  formerId: ['old', 'a'],
  startAt: ['2026-01-02T03:04:05Z', 'x'],
})
const source = someOf({
  type: ['http', 'x'],
  writeKeys: [['wk'], ['wk', 'wk2'], [], ['a b']],
  settings: [{ anonymizeIp: true, hashKey: variable }, {}, { x: 1 }],
  enabled: [false],
})
const documents = fc.record(
  {
    $schema: fc.constant('./schema.json'),
    sources: fc.dictionary(fc.constantFrom('web', 'Web'), source, { maxKeys: 2 }),
    destinations: fc.dictionary(fc.constantFrom('a', 'b', 'c-1', '-c'), hook, { maxKeys: 2 }),
    notifiers: fc.dictionary(
      fc.constantFrom('ops', 'Ops'),
      someOf({
        type: ['pager', 'pigeon'],
        settings: [{ number: '1' }, { number: variable, pin: variable }, {}],
      }),
      { maxKeys: 1 },
    ),
    alerts: fc.dictionary(
      fc.constantFrom('late', 'x y'),
      someOf({
        type: ['failure_share', 'oldest_pending', 'nope'],
        settings: [{ percent: 5 }, { ageMs: 5 }, { percent: 5, destinations: ['a'] }, { percent: 101 }],
        notify: [['ops'], [], ['nope']],
        forMs: [0, -1],
      }),
      { maxKeys: 1 },
    ),
    network: someOf({ allow: [['10.0.0.0/8'], ['x']], trustedProxies: [[]] }),
    settings: someOf({ limits: [{ maxBodyBytes: 2048 }, { maxBodyBytes: 1 }], metrics: [{ public: true }, { x: 1 }] }),
  },
  { requiredKeys: [] },
)

describe('the JSON Schema of the workspace', () => {
  it('accepts every document that the check accepts', () => {
    let accepted = 0
    fc.assert(
      fc.property(documents, (document) => {
        if (checkWorkspace(document, testRegistry, { env }).problems !== undefined) return
        accepted++
        assert.equal(jsonSchemaProblem(document as Json, schema), undefined)
      }),
      { numRuns: 8000 },
    )
    assert.ok(accepted > 100, `only ${accepted} documents were good; the test says little`)
  })

  const sources = { web: { type: 'http', writeKeys: ['a'] } }
  const bad: [string, Json][] = [
    ['an unknown key', { source: {} }],
    ['an id in capitals', { sources: { Web: sources.web } }],
    ['an unknown type', { destinations: { a: { type: 'nope' } } }],
    ['the settings of another type', { destinations: { a: { type: 'hook', settings: { path: 'x' } } } }],
    ['no settings where one is required', { destinations: { a: { type: 'hook' } } }],
    ['mappings on a warehouse', { destinations: { a: { type: 'lake', mappings: [] } } }],
    [
      'an unknown action',
      { destinations: { a: { type: 'hook', settings: { url: 'x' }, mappings: [{ action: 'b' }] } } },
    ],
    ['an unknown kind of notifier', { notifiers: { a: { type: 'pigeon' } } }],
    ['an unknown kind of alert', { alerts: { a: { type: 'nope' } } }],
    ['an alert without its threshold', { alerts: { a: { type: 'failure_share' } } }],
    ['an unknown group of settings', { settings: { limit: {} } }],
    ['a list as a variable', { destinations: { a: { type: 'hook', settings: { url: { $env: [] } } } } }],
  ]
  for (const [title, document] of bad) {
    it(`refuses ${title}`, () => {
      assert.notEqual(jsonSchemaProblem(document, schema), undefined)
      assert.ok(checkWorkspace(document, testRegistry, { env }).problems)
    })
  }

  it('marks secrets, so that forms hide them', () => {
    assert.match(JSON.stringify(schema), /"title":"Token"[^}]*"writeOnly":true/)
  })
})
