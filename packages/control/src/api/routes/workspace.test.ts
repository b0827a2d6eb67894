import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json } from '@millrace/protocol'
import { startControlServer } from '../../testing/test-control-server.ts'
import { jsonSchemaProblem } from '../../testing/json-schema-problem.ts'

const sources = { web: { type: 'http', writeKeys: ['wk_web'] } }
const hook = { type: 'hook', settings: { url: 'https://example.com', token: 'sesame-4711' } }
const document = { sources, destinations: { hook } }

describe('the workspace over HTTP', () => {
  it('is applied, shown without secrets, listed, and restored', async () => {
    await using server = await startControlServer()
    const empty = await server.send('GET', '/api/workspace')
    assert.deepEqual(empty.json, { mode: 'store', version: 0, document: {}, schema: '/api/workspace/schema' })

    const first = await server.send('PUT', '/api/workspace', { body: { document, by: 'ann', ifVersion: 0 } })
    assert.deepEqual(first.json, { applied: true, version: 1, added: ['hook'], changed: [], removed: [], renamed: [] })
    const again = await server.send('PUT', '/api/workspace', { body: { document } })
    assert.deepEqual(again.json, { applied: false, version: 1, added: [], changed: [], removed: [], renamed: [] })
    await server.send('PUT', '/api/workspace', { body: { document: { sources } } })
    const restored = await server.send('POST', '/api/workspace/versions/1/restore', { body: { by: 'bob' } })
    assert.deepEqual(restored.json, {
      applied: true,
      version: 3,
      added: ['hook'],
      changed: [],
      removed: [],
      renamed: [],
    })

    const shown = await server.send('GET', '/api/workspace')
    const old = await server.send('GET', '/api/workspace/versions/1')
    const history = await server.send('GET', '/api/workspace/versions?limit=2')
    for (const { text } of [shown, old, history]) assert.ok(!text.includes('sesame'), text)
    const masked = { sources, destinations: { hook: { ...hook, settings: { ...hook.settings, token: '••••' } } } }
    assert.deepEqual(old.json, { version: 1, document: masked })
    assert.deepEqual(
      (history.json as unknown as { versions: { version: number; by: string }[] }).versions.map(({ version, by }) => [
        version,
        by,
      ]),
      [
        [3, 'bob'],
        [2, 'api'],
      ],
    )
  })

  it('is refused with each problem, and the version in force stays', async () => {
    await using server = await startControlServer()
    await server.send('PUT', '/api/workspace', { body: { document } })
    const bad = { sources: { web: { type: 'http', writeKeys: [] } }, destinations: { hook: { type: 'hok' } } }
    for (const [method, path] of [
      ['PUT', '/api/workspace'],
      ['POST', '/api/workspace/validate'],
    ] as const) {
      const { status, json } = await server.send(method, path, { body: { document: bad } })
      assert.equal(status, 400)
      const { code, errors } = json as unknown as { code: string; errors: { path: string }[] }
      assert.equal(code, 'invalid_workspace')
      assert.deepEqual(
        errors.map((error) => error.path),
        ['sources.web.writeKeys', 'destinations.hook.type'],
      )
    }
    assert.equal(server.versions.active?.version, 1)
  })

  it('is only changed by validation in words', async () => {
    await using server = await startControlServer({}, { backlog: async () => 3 })
    await server.send('PUT', '/api/workspace', { body: { document } })
    const { json } = await server.send('POST', '/api/workspace/validate', { body: { document: { sources } } })
    const destinations = { hook: { ...hook, settings: { ...hook.settings, token: '••••' } } }
    assert.deepEqual(json, {
      version: 2,
      added: [],
      changed: [],
      removed: [{ id: 'hook', backlog: 3 }],
      renamed: [],
      changes: [{ path: 'destinations', from: destinations }],
      confirm: ['hook'],
    })
    assert.equal(server.versions.active?.version, 1)
    assert.equal((await server.send('PUT', '/api/workspace', { body: { document: { sources } } })).status, 409)
    const confirmed = await server.send('PUT', '/api/workspace', { body: { document: { sources }, confirm: ['hook'] } })
    assert.equal(confirmed.status, 200)
  })

  it('of a configuration file is reloaded, and cannot be changed past it', async () => {
    let file = document
    await using server = await startControlServer({}, { readFile: async () => file })
    assert.equal((await server.send('POST', '/api/workspace/reload')).status, 200)
    const other = { ...document, sources: { web: { ...sources.web, name: 'Shop' } } }
    const refused = await server.send('PUT', '/api/workspace', { body: { document: other } })
    assert.equal(refused.status, 409)
    const { errors } = refused.json as unknown as { errors: unknown }
    assert.deepEqual(errors, [{ path: 'sources.web.name', reason: 'the file has nothing, the document "Shop"' }])
    file = other
    assert.equal((await server.send('POST', '/api/workspace/reload')).status, 200)
    assert.equal(server.versions.active?.version, 2)
  })

  it('has a JSON Schema that fits it', async () => {
    await using server = await startControlServer()
    const { text, headers } = await server.send('GET', '/api/workspace/schema')
    assert.equal(headers['content-type'], 'application/schema+json')
    const schema = JSON.parse(text) as Json
    assert.equal(jsonSchemaProblem(document, schema), undefined)
    assert.notEqual(jsonSchemaProblem({ destinations: { a: { type: 'nope' } } }, schema), undefined)
  })
})
