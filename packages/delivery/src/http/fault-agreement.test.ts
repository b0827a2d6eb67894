import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeOf } from '@millrace/component-kit'
import type { HttpFailure, HttpResponse, Outcome } from '@millrace/component-kit'
import {
  MemoryTransport,
  VirtualClock,
  everyFault,
  isTaken,
  okBody,
  startFaultProxy,
  startWebhookReceiver,
} from '@millrace/testkit'
import type { Fault } from '@millrace/testkit'
import { createHttpClient } from './guarded-client.ts'

/**
 * Simulations run on the in-memory transport: what they show holds for real sockets because the real client sees the same
 * through the fault proxy, fault by fault.
 */
const timeoutMs = 1_200

interface Seen {
  answer: { status: number; text: string; hasRetryAfter: boolean } | { failure: string }
  outcome: Outcome['status']
  afterSeconds: number | undefined
  taken: number
}

const seenOf = (answer: HttpResponse | HttpFailure, nowMs: number, taken: number): Seen => {
  const outcome = outcomeOf(answer, () => nowMs)
  const { afterMs } = { afterMs: undefined, ...outcome }
  return {
    answer:
      'failure' in answer
        ? { failure: answer.failure }
        : { status: answer.status, text: answer.text, hasRetryAfter: answer.headers['retry-after'] !== undefined },
    outcome: outcome.status,
    // A date has whole seconds, and a moment passes on the way.
    afterSeconds: afterMs === undefined ? undefined : Math.ceil((afterMs - 1) / 1000 / 2) * 2,
    taken,
  }
}

const inMemory = async (fault: Fault | undefined): Promise<Seen> => {
  const clock = new VirtualClock()
  let taken = 0
  const transport = new MemoryTransport({
    clock,
    plan: () => fault,
    timeoutMs,
    receive: () => {
      taken++
      return okBody
    },
  })
  const request = transport.request({ method: 'POST', url: 'http://receiver.test/', body: '{}' })
  let isDone = false
  void request.finally(() => {
    isDone = true
  })
  assert.ok(await clock.run(() => isDone, 10 * timeoutMs), 'every request ends by its timeout')
  return seenOf(await request, clock.now(), taken)
}

const onSockets = async (fault: Fault | undefined): Promise<Seen> => {
  await using receiver = await startWebhookReceiver({
    record: 'messages',
    status: () => ({ status: 200, body: okBody }),
  })
  await using proxy = await startFaultProxy({ target: receiver.url, plan: () => fault })
  const http = createHttpClient({ allow: ['127.0.0.0/8'], timeoutMs, connections: 2, userAgent: 'test' })
  const url = `${fault?.kind === 'tls' ? proxy.brokenTlsUrl : proxy.url}/in`
  try {
    const body = JSON.stringify({ type: 'track', event: 'E', messageId: 'm-1' })
    const answer = await http.request({ method: 'POST', url, body, headers: { 'content-type': 'application/json' } })
    return seenOf(answer, Date.now(), receiver.counts.requests)
  } finally {
    await http.close()
  }
}

for (const fault of [undefined, ...everyFault]) {
  test(`${fault === undefined ? 'no fault' : JSON.stringify(fault)}: both drivers show a client the same`, async () => {
    const memory = await inMemory(fault)
    const sockets = await onSockets(fault)
    assert.deepEqual(memory, sockets)
    assert.equal(sockets.taken, fault === undefined || isTaken(fault) ? 1 : 0)
  })
}
