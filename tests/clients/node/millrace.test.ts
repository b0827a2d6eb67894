import { Analytics } from '@millrace/node'
import { callsOf } from '../../support/clients/calls.ts'
import type { SessionOptions } from '../../support/clients/client-session.ts'
import { segmentLikeSession } from '../../support/clients/segment-like.ts'
import { testConditions } from '../../support/clients/test-conditions.ts'

const create = ({ proxy, writeKey, impatient = false }: SessionOptions): Analytics => {
  const settings = { writeKey, host: proxy.url, flushAt: 15, flushInterval: 200, ...(impatient && { maxRetries: 2 }) }
  // What is lost is told by the callbacks.
  return new Analytics(settings).on('error', () => undefined)
}

testConditions({
  name: '@millrace/node',
  source: 'millrace',
  open: (options) => Promise.resolve(segmentLikeSession(create(options))),
  calls: callsOf,
  attempts: 3,
  outlastsRestart: true,
  retriesRefusals: true,
})
