import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { JsonObject } from '@millrace/protocol'
import { assertAllDelivered } from './support/all-delivered.ts'
import { badRequests } from './support/bad-requests.ts'
import type { BadRequest } from './support/bad-requests.ts'
import { eventually } from './support/eventually.ts'
import { residentBytes } from './support/process-tree.ts'
import { withRig } from './support/rig.ts'
import { sendRaw } from './support/raw-request.ts'
import type { ServerUnderTest } from './support/server-under-test.ts'

/**
 * Everything on the list of bad input against the real server, over sockets, several times at once, while good messages are
 * sent beside it: each gets its documented answer at once, no process ends, memory stays bounded, no good message is lost.
 */
const BODY_TIMEOUT_MS = 1_500
const ROUNDS = 3
const AT_ONCE = 4
const MOST_RESIDENT_BYTES = 400 * 1024 * 1024

const rig = {
  what: 'bad input',
  ingestProcesses: 2,
  sources: { off: { type: 'http', writeKeys: ['wk_off'], enabled: false } },
  settings: { limits: { bodyTimeoutMs: BODY_TIMEOUT_MS } },
}

test('bad input gets its answer and harms nothing beside it', { timeout: 180_000 }, (t) =>
  withRig(rig, async ({ server, hook, load }) => {
    const processes = server.processes()
    const memory = watchMemory(processes)
    const idle = openIdleConnections(server.url, 100)
    load.start()
    try {
      const codes = new Set<string>()
      for (let round = 1; round <= ROUNDS; round++) {
        const copies = Array.from({ length: AT_ONCE }, (_, copy) => badRequests(`${round}-${copy}`, BODY_TIMEOUT_MS))
        await Promise.all(copies.flat().map((request) => sendBad(server, request)))
        for (const { code, accepted = [] } of copies.flat()) {
          if (code !== undefined) codes.add(code)
          for (const id of accepted) {
            load.sent.add(id)
            load.acknowledged.add(id)
          }
        }
      }
      await load.settle()
      await assertAllDelivered(server, hook.record, load)
      await assertKeptAsSent(server)
      await eventually('each kind of refusal is in the ledger', async () => {
        const { sources } = await server.api.ledger()
        const rejected = new Set(sources.flatMap((source) => Object.keys(source.rejected)))
        const missing = [...codes].filter((code) => !rejected.has(code))
        if (missing.length > 0) throw new Error(`not there: ${missing.join(', ')}`)
        return true
      })
      assert.deepEqual(server.processes(), processes, `a process ended:\n${server.lastLogs()}`)
      await server.ready()
    } finally {
      for (const socket of idle) socket.destroy()
      const most = memory.stop()
      for (const [name, bytes] of most) t.diagnostic(`${name}: at most ${Math.round(bytes / 1e6)} MB`)
    }
    for (const [name, bytes] of memory.stop()) assert.ok(bytes < MOST_RESIDENT_BYTES, `${name} used ${bytes} bytes`)
  }),
)

const sendBad = async (server: ServerUnderTest, { what, bytes, status, withinMs = 5_000, send }: BadRequest) => {
  const answer = await sendRaw(server.url, bytes, send)
  assert.equal(answer.status, status, `${what}: ${answer.body.slice(0, 300)}`)
  assert.ok(answer.ms < withinMs, `${what} was answered after ${Math.round(answer.ms)} ms`)
  if (status === 200) assert.equal(answer.body, '{"success":true}', what)
  else {
    const { code, message } = JSON.parse(answer.body) as { code?: unknown; message?: unknown }
    assert.deepEqual([typeof code, typeof message], ['string', 'string'], what)
  }
}

/** Odd but valid: ordinary keys stay ordinary keys, and of duplicate keys the last counts, as JSON.parse has it. */
const assertKeptAsSent = async (server: ServerUnderTest): Promise<void> => {
  const message = async (name: string): Promise<JsonObject> => {
    const { traces } = await server.api.message(`bad-${name}-1-0`)
    return traces[0]?.message as unknown as JsonObject
  }
  const { properties, ...proto } = await message('proto')
  assert.deepEqual(Object.keys(properties as JsonObject).sort(), ['__proto__', 'constructor'])
  assert.ok(Object.hasOwn(proto, '__proto__'))
  const { userId, properties: last } = await message('duplicate')
  assert.deepEqual({ userId, last }, { userId: 'v', last: { a: 2 } })
}

const openIdleConnections = (url: string, count: number) => {
  const { hostname, port } = new URL(url)
  return Array.from({ length: count }, () => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('error', () => socket.destroy())
    socket.write('POST /v1/track HTTP/1.1\r\nhost: a\r\nx-slow: ')
    return socket
  })
}

const watchMemory = (processes: ReadonlyMap<string, number>) => {
  const most = new Map<string, number>()
  if (process.platform !== 'linux') return { stop: () => most }
  const timer = setInterval(() => {
    for (const [name, pid] of processes) {
      try {
        most.set(name, Math.max(most.get(name) ?? 0, residentBytes(pid)))
      } catch {
        // It ended; the test says so on its own.
      }
    }
  }, 50)
  return {
    stop: () => {
      clearInterval(timer)
      return most
    },
  }
}
