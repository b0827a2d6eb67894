import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { testRegistry } from '../testing/test-registry.ts'
import { checkWorkspace } from './check-workspace.ts'
import type { WorkspaceDocument } from './document.ts'

const env = { HOOK_TOKEN: 'from-env', EMPTY: '' }
const check = (document: unknown) => checkWorkspace(document, testRegistry, { env })

const sources = { web: { type: 'http', name: 'Web shop', writeKeys: ['wk_web'] } } as const
const hook = { type: 'hook', settings: { url: 'https://example.com/in' } } as const
const good: WorkspaceDocument = {
  sources,
  destinations: { hook, lake: { type: 'lake' } },
  network: { allow: ['127.0.0.0/8', 'fd00::/8', '10.0.0.1'] },
}
const withHook = (more: object) => ({ sources, destinations: { hook: { ...hook, ...more } } })
const withSettings = (settings: object) => withHook({ settings: { url: 'https://example.com', ...settings } })

describe('a good workspace', () => {
  it('gets its defaults, all sources, and the presets of each type', () => {
    const { workspace } = check(good)
    assert.deepEqual(workspace?.sources.web, {
      id: 'web',
      type: 'http',
      name: 'Web shop',
      writeKeys: ['wk_web'],
      enabled: true,
      settings: { anonymizeIp: false },
    })
    assert.deepEqual(workspace.destinations.hook, {
      id: 'hook',
      kind: 'destination',
      type: 'hook',
      name: 'hook',
      sources: ['web'],
      enabled: true,
      settings: { url: 'https://example.com/in', method: 'POST', batchSize: 1 },
      delivery: { timeoutMs: 1000 },
      mappings: [{ name: 'All', action: 'post', trigger: 'type != null', fields: { text: { '@path': '$.event' } } }],
    })
    assert.deepEqual(workspace.destinations.lake?.mappings, [])
    assert.equal(workspace.destinations.lake?.kind, 'warehouse')
    assert.deepEqual(workspace.network.trustedProxies, [])
    assert.equal(workspace.settings.deduplication.windowMs, 86_400_000)
    assert.equal(workspace.settings.retention.maxAgeMs, 604_800_000)
    assert.equal(workspace.settings.limits.maxBodyBytes, undefined)
  })

  it('may say where clients reach the server', () => {
    const publicUrlOf = (publicUrl: string) => check({ network: { publicUrl } }).workspace?.network.publicUrl
    assert.equal(check({}).workspace?.network.publicUrl, undefined)
    assert.equal(publicUrlOf('https://events.example.com/'), 'https://events.example.com')
    assert.equal(publicUrlOf('http://[::1]:8420/in'), 'http://[::1]:8420/in')
  })

  it('may be empty', () => {
    assert.deepEqual(check({}).workspace?.destinations, {})
  })

  it('reads variables of the environment anywhere in the settings', () => {
    const settings = {
      token: { $env: 'HOOK_TOKEN' },
      keys: ['k', { $env: 'HOOK_TOKEN' }],
      headers: { a: { $env: 'EMPTY' } },
    }
    assert.deepEqual(check(withSettings(settings)).workspace?.destinations.hook?.settings, {
      url: 'https://example.com',
      token: 'from-env',
      keys: ['k', 'from-env'],
      headers: { a: '' },
      method: 'POST',
      batchSize: 1,
    })
  })

  it('replaces the presets by the enabled mappings, each field by the written one', () => {
    const mappings = [
      { action: 'post', trigger: 'type = "track"', fields: { note: 'x' } },
      { action: 'post', fields: { text: 'y' } },
      { action: 'post', enabled: false },
      { action: 'erase', name: 'Forget', fields: { id: { '@path': '$.userId' } } },
      { action: 'erase', fields: { '@merge': { objects: [{ id: 'x' }], direction: 'right' } } },
    ]
    assert.deepEqual(check(withHook({ mappings })).workspace?.destinations.hook?.mappings, [
      { name: 'post', action: 'post', trigger: 'type = "track"', fields: { text: { '@path': '$.event' }, note: 'x' } },
      { name: 'post#2', action: 'post', trigger: 'type != null', fields: { text: 'y' } },
      {
        name: 'Forget',
        action: 'erase',
        trigger: 'type = "track" and event = "Erase"',
        fields: { id: { '@path': '$.userId' } },
      },
      {
        name: 'erase',
        action: 'erase',
        trigger: 'type = "track" and event = "Erase"',
        fields: { '@merge': { objects: [{ id: 'x' }], direction: 'right' } },
      },
    ])
  })

  it('leaves its document as it was', () => {
    const document = structuredClone(good)
    check(document)
    assert.deepEqual(document, good)
  })
})

describe('a bad workspace is refused with the place and the remedy', () => {
  const cycle: { self?: object } = {}
  cycle.self = cycle
  let deep: object = {}
  for (let level = 0; level < 10_000; level++) deep = { a: deep }

  const cases: [title: string, document: unknown, path: string, message: RegExp][] = [
    ['not an object', [], '', /must be an object/],
    ['nothing', null, '', /must be an object/],
    ['an unknown key', { source: {} }, 'source', /did you mean "sources"/],
    ['sources as a list', { sources: [] }, 'sources', /must be an object/],
    ['an id in capitals', { sources: { Web: sources.web } }, 'sources.Web', /no id/],
    [
      '__proto__ as an id',
      JSON.parse('{"sources":{"__proto__":{"type":"http","writeKeys":["a"]}}}'),
      'sources.__proto__',
      /no id/,
    ],
    ['an id of 65 characters', { sources: { ['a'.repeat(65)]: sources.web } }, `sources.${'a'.repeat(65)}`, /no id/],
    ['a source that is null', { sources: { web: null } }, 'sources.web', /must be an object/],
    ['no type', { sources: { web: { writeKeys: ['a'] } } }, 'sources.web.type', /required/],
    [
      'an unknown type of source',
      { sources: { web: { type: 'htpp', writeKeys: ['a'] } } },
      'sources.web.type',
      /did you mean "http"/,
    ],
    [
      'constructor as a type',
      { sources: { web: { type: 'constructor', writeKeys: ['a'] } } },
      'sources.web.type',
      /must be one of/,
    ],
    [
      'no write keys',
      { sources: { web: { type: 'http', writeKeys: [] } } },
      'sources.web.writeKeys',
      /"enabled" to false/,
    ],
    [
      'a write key with a colon',
      { sources: { web: { type: 'http', writeKeys: ['a:b'] } } },
      'sources.web.writeKeys[0]',
      /without a colon/,
    ],
    [
      'a write key that is a number',
      { sources: { web: { type: 'http', writeKeys: [1] } } },
      'sources.web.writeKeys[0]',
      /string/,
    ],
    [
      'a write key of two sources',
      { sources: { web: sources.web, app: { type: 'http', writeKeys: ['x', 'wk_web'] } } },
      'sources.app.writeKeys[1]',
      /of the source "web"/,
    ],
    [
      'an unknown source setting',
      { sources: { web: { ...sources.web, settings: { anonimizeIp: true } } } },
      'sources.web.settings.anonimizeIp',
      /did you mean "anonymizeIp"/,
    ],
    [
      'an unknown type of destination',
      { destinations: { a: { type: 'hok' } } },
      'destinations.a.type',
      /did you mean "hook"/,
    ],
    [
      'an unknown key of a destination',
      withHook({ mapping: [] }),
      'destinations.hook.mapping',
      /did you mean "mappings"/,
    ],
    [
      'a required setting left out',
      { destinations: { a: { type: 'hook' } } },
      'destinations.a.settings.url',
      /required/,
    ],
    [
      'an unknown setting',
      withSettings({ batchsize: 3 }),
      'destinations.hook.settings.batchsize',
      /did you mean "batchSize"/,
    ],
    ['a setting out of range', withSettings({ batchSize: 0 }), 'destinations.hook.settings.batchSize', /at least 1/],
    [
      'a source that does not exist',
      withHook({ sources: ['wep'] }),
      'destinations.hook.sources[0]',
      /did you mean "web"/,
    ],
    [
      'a variable that is not set',
      withSettings({ token: { $env: 'NOPE' } }),
      'destinations.hook.settings.token',
      /NOPE is not set/,
    ],
    [
      'a variable named like a method',
      withSettings({ token: { $env: 'toString' } }),
      'destinations.hook.settings.token',
      /not set/,
    ],
    [
      'a required variable that is not set',
      withSettings({ url: { $env: 'NOPE' } }),
      'destinations.hook.settings.url',
      /NOPE is not set/,
    ],
    [
      'a variable with something beside it',
      withSettings({ token: { $env: 'A', b: 1 } }),
      'destinations.hook.settings.token',
      /nothing beside/,
    ],
    [
      'a sealed text',
      withSettings({ headers: { a: { $sealed: 'x' } } }),
      'destinations.hook.settings.headers.a',
      /stored documents/,
    ],
    ['a masked secret', withSettings({ token: '••••' }), 'destinations.hook.settings.token', /masked/],
    [
      'a masked secret in a list',
      withSettings({ keys: ['a', '••••'] }),
      'destinations.hook.settings.keys[1]',
      /masked/,
    ],
    [
      'a delivery setting out of range',
      withHook({ delivery: { timeoutMs: 0 } }),
      'destinations.hook.delivery.timeoutMs',
      /at least 1/,
    ],
    [
      'an unknown delivery setting',
      withHook({ delivery: { timeout: 1 } }),
      'destinations.hook.delivery.timeout',
      /timeoutMs/,
    ],
    [
      'mappings on a warehouse',
      { destinations: { lake: { type: 'lake', mappings: [] } } },
      'destinations.lake.mappings',
      /every message/,
    ],
    [
      'an unknown action',
      withHook({ mappings: [{ action: 'Post' }] }),
      'destinations.hook.mappings[0].action',
      /did you mean "post"/,
    ],
    ['a mapping that is text', withHook({ mappings: ['post'] }), 'destinations.hook.mappings[0]', /object/],
    [
      'a trigger that is none',
      withHook({ mappings: [{ action: 'post', trigger: 'type = ' }] }),
      'destinations.hook.mappings[0].trigger',
      /position/,
    ],
    [
      'an unknown field',
      withHook({ mappings: [{ action: 'post', fields: { txt: 'a' } }] }),
      'destinations.hook.mappings[0].fields.txt',
      /did you mean "text"/,
    ],
    [
      'a required field without a mapping',
      withHook({ mappings: [{ action: 'erase' }] }),
      'destinations.hook.mappings[0].fields.id',
      /required/,
    ],
    [
      'an unknown directive in a mapping that is off',
      withHook({ mappings: [{ action: 'post', enabled: false, fields: { text: { '@pth': '$.a' } } }] }),
      'destinations.hook.mappings[0].fields.text',
      /@pth/,
    ],
    [
      'two mappings of one name',
      withHook({
        mappings: [
          { action: 'post', name: 'A' },
          { action: 'post', name: 'A' },
        ],
      }),
      'destinations.hook.mappings[1].name',
      /earlier mapping/,
    ],
    [
      'a mapping with the name of an action that an earlier one has',
      withHook({ mappings: [{ action: 'post' }, { action: 'erase', name: 'post', fields: { id: 'x' } }] }),
      'destinations.hook.mappings[1].name',
      /earlier mapping/,
    ],
    [
      'a line break in the name of a mapping',
      withHook({ mappings: [{ action: 'post', name: 'a\nb' }] }),
      'destinations.hook.mappings[0].name',
      /line break/,
    ],
    [
      'a former id in use',
      { sources, destinations: { a: { ...hook, formerId: 'b' }, b: hook } },
      'destinations.a.formerId',
      /id of a destination/,
    ],
    [
      'a former id claimed twice',
      { destinations: { a: { ...hook, formerId: 'c' }, b: { ...hook, formerId: 'c' } } },
      'destinations.b.formerId',
      /also the former id of "a"/,
    ],
    ['a start that is no time', withHook({ startAt: 'yesterday' }), 'destinations.hook.startAt', /ISO 8601/],
    [
      'a range with a bad prefix',
      { network: { allow: ['127.0.0.0/8', '10.0.0.0/33'] } },
      'network.allow[1]',
      /10\.0\.0\.0\/8/,
    ],
    [
      'a host name as a range',
      { network: { trustedProxies: ['proxy'] } },
      'network.trustedProxies[0]',
      /address range/,
    ],
    [
      'a public URL that is none',
      { network: { publicUrl: 'events.example.com' } },
      'network.publicUrl',
      /URL of a server/,
    ],
    [
      'a public URL with a query',
      { network: { publicUrl: 'https://example.com/?a' } },
      'network.publicUrl',
      /https:\/\/events\.example\.com/,
    ],
    ['an unknown group of settings', { settings: { limit: {} } }, 'settings.limit', /did you mean "limits"/],
    [
      'a setting of the wrong type',
      { settings: { retention: { maxAgeMs: '7d' } } },
      'settings.retention.maxAgeMs',
      /whole number/,
    ],
    ['a date', withHook({ startAt: new Date(0) }), 'destinations.hook.startAt', /is a Date/],
    ['a function', withSettings({ headers: { a: () => 1 } }), 'destinations.hook.settings.headers.a', /is a function/],
    ['not a number', { settings: { retention: { maxAgeMs: Number.NaN } } }, 'settings.retention.maxAgeMs', /NaN/],
    ['half a character', withHook({ name: 'a\ud800' }), 'destinations.hook.name', /surrogate/],
    ['a cycle', { settings: cycle }, 'settings.self.self.self', /contains itself/],
    ['10,000 levels', { settings: deep }, 'settings.a.a.a', /64 levels/],
  ]
  for (const [title, document, path, message] of cases) {
    it(title, () => {
      const { problems = [], workspace } = check(document)
      assert.equal(workspace, undefined)
      const problem = problems.find((candidate) => candidate.path === path)
      assert.ok(problem, `no problem at ${path}; there are ${JSON.stringify(problems)}`)
      assert.match(problem.message, message)
    })
  }

  it('all problems at once', () => {
    const { problems = [] } = check({ sources: { A: {} }, network: { allow: ['x'] }, settings: { x: 1 } })
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['sources.A', 'sources.A.type', 'sources.A.writeKeys', 'network.allow[0]', 'settings.x'],
    )
  })

  it('all problems of one destination at once', () => {
    const mappings = [{ action: 'post', triger: '', fields: { txt: 1 } }]
    const { problems = [] } = check(withHook({ enabld: true, sources: ['wep'], settings: { batchSize: 0 }, mappings }))
    assert.deepEqual(
      problems.map(({ path }) => path.replace('destinations.hook.', '')),
      ['enabld', 'sources[0]', 'settings.url', 'settings.batchSize', 'mappings[0].triger', 'mappings[0].fields.txt'],
    )
  })

  it('never shows a secret', () => {
    const secret = 'sesame-4711'
    const { problems } = check(withSettings({ token: [secret], keys: secret, url: 5 }))
    assert.ok(problems)
    assert.ok(!JSON.stringify(problems).includes(secret))
  })

  it('never throws, whatever the document is', () => {
    const part = fc.oneof(fc.anything(), fc.constant(hook), fc.constant(sources.web))
    const component = fc.record(
      {
        type: fc.constantFrom('http', 'hook', 'lake', 'x'),
        settings: part,
        mappings: fc.array(part),
        writeKeys: part,
        sources: part,
      },
      { requiredKeys: ['type'] },
    )
    const document = fc.record({
      sources: fc.dictionary(fc.string(), fc.oneof(part, component)),
      destinations: fc.dictionary(fc.string(), fc.oneof(part, component)),
      network: part,
    })
    fc.assert(
      fc.property(fc.oneof(document, fc.anything()), (any) => {
        const { problems, workspace } = check(any)
        assert.ok((problems === undefined) !== (workspace === undefined))
        assert.ok(problems === undefined || problems.length > 0)
      }),
      { numRuns: 300 },
    )
  })
})
