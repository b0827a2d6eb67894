import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json, JsonObject, LedgerVerification } from '@millrace/protocol'
import { jsonSchemaProblem } from '../../testing/json-schema-problem.ts'
import { startControlServer } from '../../testing/test-control-server.ts'
import { verificationSchema } from '../answer-schemas.ts'

const verification: LedgerVerification = {
  balanced: false,
  messagesRead: 10,
  ledger: {
    at: '2026-01-02T00:00:00.000Z',
    sources: [
      { source: 'web', accepted: 10, duplicate: 1, dropped: {}, resolved: 9, unresolved: 0, rejected: { no_event: 2 } },
    ],
    destinations: [
      {
        destination: 'hook',
        source: 'web',
        resolved: 9,
        delivered: 7,
        filtered: { not_triggered: 1 },
        pending: { waiting: 1, inFlight: 0, parked: 0 },
        dead: {},
        actions: { send: { delivered: 7, dead: {} } },
        removed: true,
      },
    ],
  },
  problems: [{ where: 'hook', message: 'one too few', counted: 8, recorded: 9 }],
}
const lines = { accept: 'application/x-ndjson' }

describe('verifying the ledger', () => {
  it('answers the result, which fits its schema', async () => {
    await using server = await startControlServer({ verifyLedger: async () => verification })
    const { json } = await server.send('POST', '/api/ledger/verify')
    assert.deepEqual(json, verification)
    assert.equal(jsonSchemaProblem(json, verificationSchema), undefined)
    assert.match(jsonSchemaProblem({ ...(json as JsonObject), balanced: 1 }, verificationSchema) ?? '', /balanced/)
  })

  it('shows its progress line by line, then the result', async () => {
    await using server = await startControlServer({
      verifyLedger: async (onProgress) => {
        for (let done = 1; done <= 3; done++) {
          onProgress(done, 3)
          await new Promise((resolve) => setImmediate(resolve))
        }
        return verification
      },
    })
    const { text, headers } = await server.send('POST', '/api/ledger/verify', { headers: lines })
    assert.equal(headers['content-type'], 'application/x-ndjson')
    assert.deepEqual(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Json),
      [1, 2, 3]
        .map((done): Json => ({ progress: { done, total: 3 } }))
        .concat({ result: verification as unknown as Json }),
    )
  })

  it('ends with an error when it fails on the way', async () => {
    await using server = await startControlServer({
      verifyLedger: async (onProgress) => {
        onProgress(1, 2)
        throw new Error('disk')
      },
    })
    const { text } = await server.send('POST', '/api/ledger/verify', { headers: lines })
    assert.match(text, /^\{"progress":\{"done":1,"total":2\}\}\n\{"error":\{"code":"internal"/)
    assert.equal(server.errors.length, 1)
  })

  it('is cancelled when the client leaves', async () => {
    let cancelled: () => void = () => undefined
    const done = new Promise<void>((resolve) => {
      cancelled = resolve
    })
    await using server = await startControlServer({
      verifyLedger: (onProgress, signal) => {
        onProgress(1, 2)
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            cancelled()
            reject(new Error('aborted'))
          })
        })
      },
    })
    const response = await server.open('POST', '/api/ledger/verify', { headers: lines })
    response.destroy()
    await done
    assert.deepEqual(server.errors, [])
  })
})
