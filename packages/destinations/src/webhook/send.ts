import { defineAction, outcomeOf, type Outcome, type Payload } from '@millrace/component-kit'
import type { Json } from '@millrace/protocol'
import { hash } from 'node:crypto'
import { indexes, judgeByStatus, sendBisecting, type ItemRange } from '../send-bisecting.ts'
import { requestTemplate, type RequestTemplate } from './request-template.ts'
import { settings } from './settings.ts'

type Item = Payload<{ data: Json }>

const message = {
  messageId: 'm-1',
  anonymousId: 'anon-1',
  userId: 'u-1',
  timestamp: '2026-01-02T03:04:05.000Z',
  sentAt: '2026-01-02T03:04:05.000Z',
  receivedAt: '2026-01-02T03:04:05.000Z',
  originalTimestamp: '2026-01-02T03:04:05.000Z',
  integrations: {},
  context: {},
  type: 'track',
  event: 'Signed Up',
  properties: { plan: 'pro' },
}

/**
 * Idempotency. A request that holds one message has its key as `webhook-id` and `idempotency-key`. A larger one has a
 * hash over the keys of its items: the same composition, sent again, has the same id. The items then say who they are
 * by what they hold: the `messageId` of the default mapping, or the key itself with `batchFormat: 'envelope'`; keys of a
 * whole batch in a header would exceed what common servers accept (8 KB) from 180 items on.
 *
 * Each item is stringified once; requests join these texts, also when a refused batch is halved.
 */
export const send = defineAction({
  title: 'Send',
  description: 'Send each message as JSON.',
  settings,
  trigger: 'type != null',
  batch: { maxMessages: ({ batchSize }) => batchSize, maxBytes: 1_000_000, maxWaitMs: 100 },
  fields: {
    data: {
      type: 'any',
      label: 'Data',
      description: 'What to send. The whole message unless you map something else.',
      example: message,
      required: true,
      default: { '@path': '$.' },
    },
  },
  async deliver({ settings, http, signal, now }, payloads) {
    const template = templateOf(settings)
    if ('status' in template) return payloads.map(() => template)
    if (settings.batchSize === 1) {
      return Promise.all(
        payloads.map(async ({ values, idempotencyKey }) =>
          outcomeOf(await http.request(template.request(idempotencyKey, jsonOf(values.data), now(), signal)), now),
        ),
      )
    }
    const texts = payloads.map(settings.batchFormat === 'envelope' ? envelopeText : itemText)
    const post = ({ from, to }: ItemRange) => {
      const whole = to - from === texts.length
      const body = `[${(whole ? texts : texts.slice(from, to)).join(',')}]`
      const request = template.request(batchId(payloads, from, to), body, now(), signal)
      return http.request(whole ? request : { ...request, items: indexes(from, to) })
    }
    const all = { from: 0, to: payloads.length }
    return sendBisecting([all], post, (answer, count) => judgeByStatus(answer, count, now))
  },
  examples: [
    { title: 'One message a request', message, requests: [message] },
    { title: 'A batch is a list', settings: { batchSize: 50 }, message, requests: [[message]] },
  ],
})

/** Settings that cannot be used wait for the user, and no message dies of them. */
function templateOf(settings: Parameters<typeof requestTemplate>[0]): RequestTemplate | Outcome {
  try {
    return requestTemplate(settings)
  } catch (error) {
    return { status: 'unauthorized', code: 'invalid_settings', message: String(error) }
  }
}

/** A mapping that gives nothing is sent as null: the body stays JSON and the list keeps its length. */
const jsonOf = (data: Json | undefined): string => JSON.stringify(data ?? null)

const itemText = ({ values }: Item): string => jsonOf(values.data)

const envelopeText = ({ values, idempotencyKey, messageId }: Item): string =>
  JSON.stringify({ idempotencyKey, messageId, data: values.data ?? null })

function batchId(payloads: readonly Item[], from: number, to: number): string {
  const first = payloads[from]
  if (to - from === 1 && first !== undefined) return first.idempotencyKey
  let keys = ''
  for (let index = from; index < to; index++) keys += `${payloads[index]?.idempotencyKey}\n`
  return hash('sha256', keys, 'base64url')
}
