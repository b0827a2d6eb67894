import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isJsonObject } from '@millrace/protocol'
import type { Json } from '@millrace/protocol'
import { jsonSchemaProblem } from '../testing/json-schema-problem.ts'
import { startControlServer } from '../testing/test-control-server.ts'
import { openApiOf } from './open-api.ts'
import { routes } from './routes.ts'

interface OpenApi {
  paths: Record<
    string,
    Record<string, { operationId: string; responses: Record<string, { content: Record<string, { schema: Json }> }> }>
  >
}

/** What is sent to routes that need something, by a part of their path. */
const bodies: readonly [string, { [name: string]: Json }][] = [
  ['/sql', { sql: 'x' }],
  ['/preview', { message: { type: 'track', event: 'A', userId: 'u' } }],
  ['/shadow', { mappings: [] }],
  ['/api/replays', { destination: 'b', from: '2026-01-01T00:00:00Z', dryRun: true }],
  ['/redrive', { ids: ['d-1'] }],
  ['/identity/cuts', { a: 'userId:u', b: 'anonymousId:a' }],
  ['workspace', { document: {}, confirm: ['a'] }],
]

describe('the OpenAPI document', () => {
  it('is served, and names each route with its parameters, once', async () => {
    await using server = await startControlServer()
    const { json } = await server.send('GET', '/api/openapi.json')
    assert.deepEqual(json, openApiOf(routes))
    const { paths } = json as unknown as OpenApi
    const operations = Object.values(paths).flatMap((path) => Object.values(path))
    assert.equal(operations.length, routes.length)
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, routes.length)
    assert.ok(paths['/api/workspace/versions/{version}/restore']?.post)
    const sql = JSON.stringify(paths['/api/destinations/{id}/sql'])
    assert.match(sql, /"name":"id","in":"path","required":true/)
    assert.match(sql, /"maxRows"/)
  })

  it('describes what the server answers', async () => {
    await using server = await startControlServer({
      destinations: async () => [
        {
          destination: 'a',
          type: 'hook',
          state: 'retrying',
          cursor: '1:2',
          lagBytes: 5,
          inFlight: 0,
          lastError: { at: '2026-01-02T00:00:00Z', code: 'x', message: 'y' },
        },
      ],
      sql: async () => ({ columns: ['a'], rows: [[1, 'x', null, true]], truncated: false }),
    })
    await server.versions.apply(
      { destinations: { a: { type: 'lake' }, b: { type: 'hook', settings: { url: 'https://example.com' } } } },
      { by: 'ann' },
    )
    const { paths } = openApiOf(routes) as unknown as OpenApi
    let checked = 0
    for (const { method, path } of routes) {
      if (method === 'GET' && (path.includes(':messageId') || path.includes('stream') || path === '/metrics')) continue
      const [, bodyOfPath] = bodies.find(([part]) => path.includes(part)) ?? []
      const body = bodyOfPath ?? {}
      const isApply = path.endsWith('/restore') || path.endsWith('/reload')
      const sent =
        method === 'GET' || method === 'DELETE'
          ? {}
          : { body: isApply ? {} : path.endsWith('validate') ? { document: {} } : body }
      if (path.endsWith('/reload')) continue
      const answer = await server.send(
        method,
        path.replace(':version', '1').replace(':id', path.endsWith('/sql') ? 'a' : 'b'),
        sent,
      )
      assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`)
      const operation = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
      const content = operation?.responses['200']?.content ?? {}
      const schema = Object.entries(content).find(([type]) => answer.headers['content-type']?.startsWith(type))?.[1]
        .schema
      assert.ok(isJsonObject(schema), `${path} is not described for ${answer.headers['content-type']}`)
      assert.equal(jsonSchemaProblem(JSON.parse(answer.text) as Json, schema), undefined, path)
      checked++
    }
    assert.ok(checked >= 15, `only ${checked} routes were checked`)
  })
})
