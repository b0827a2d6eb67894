import { defineAction, defineFields, type Infer, type Outcome } from '@millrace/component-kit'
import { accountOf } from './account.ts'
import { exampleMessage } from './example-message.ts'
import { isFilled } from './identifiers.ts'
import { judgeSingle } from './judge-answer.ts'
import { settings } from './settings.ts'
import { timestamp } from './shared-fields.ts'
import { toSeconds } from './timestamps.ts'
import { onEvents, specialEvents } from './triggers.ts'

const fields = defineFields({
  deliveryId: {
    type: 'string',
    label: 'Delivery ID',
    description: 'The CIO-Delivery-ID of the message that the metric is about.',
    example: 'd-1',
    required: true,
    default: { '@path': '$.properties.deliveryId' },
  },
  metric: {
    type: 'string',
    label: 'Metric',
    description: 'What happened to the message. Not every channel has every metric.',
    example: 'opened',
    choices: ['delivered', 'opened', 'clicked', 'converted', 'spammed', 'bounced', 'dropped', 'deferred'],
    required: true,
    default: { '@path': '$.properties.metric' },
  },
  recipient: {
    type: 'string',
    label: 'Recipient',
    description: 'To whom it was delivered: an e-mail address, a phone number or a device token.',
    example: 'jane@example.com',
    default: { '@path': '$.properties.recipient' },
  },
  reason: {
    type: 'string',
    label: 'Reason',
    description: 'Why it failed, for metrics of failure.',
    example: 'mailbox full',
    default: { '@path': '$.properties.reason' },
  },
  href: {
    type: 'string',
    label: 'Link',
    description: 'The link that was clicked, for the metric "clicked".',
    example: 'https://a.example',
    default: { '@path': '$.properties.href' },
  },
  actionName: {
    type: 'string',
    label: 'Action name',
    description: 'The name of the action that was clicked in an in-app message.',
    example: 'Buy',
    default: { '@path': '$.properties.actionName' },
  },
  actionValue: {
    type: 'string',
    label: 'Action value',
    description: 'The value of the action that was clicked in an in-app message.',
    example: 'https://a.example/buy',
    default: { '@path': '$.properties.actionValue' },
  },
  ...timestamp,
})

function metricOf(values: Infer<typeof fields>, nowMs: number) {
  const { deliveryId, metric, recipient, reason, href, actionName, actionValue } = values
  const seconds = isFilled(values.timestamp) ? Number(toSeconds(values.timestamp)) : Number.NaN
  const metadata = {
    ...(isFilled(actionName) && { action_name: actionName }),
    ...(isFilled(actionValue) && { action_value: actionValue }),
  }
  return {
    delivery_id: deliveryId,
    metric,
    timestamp: Number.isFinite(seconds) ? seconds : Math.floor(nowMs / 1000),
    ...(isFilled(recipient) && { recipient }),
    ...(isFilled(reason) && { reason }),
    ...(isFilled(href) && { href }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}

/** The only action outside of the Track API v2: one request for each message. */
export const reportDeliveryEvent = defineAction({
  title: 'Report Delivery Event',
  description: 'Report what became of a message that was sent from Customer.io.',
  settings,
  trigger: onEvents(specialEvents.deliveryReported),
  batch: { maxMessages: 1 },
  fields,
  async deliver({ settings: given, http, signal, now }, payloads) {
    const account = accountOf(given)
    if ('status' in account) return payloads.map(() => account)
    const outcomes = payloads.map(async ({ values }): Promise<Outcome> => {
      const answer = await http.request({
        method: 'POST',
        url: `${account.base}/api/v1/metrics`,
        headers: { ...account.headers, 'content-type': 'application/json' },
        body: JSON.stringify(metricOf(values, now())),
        signal,
      })
      return judgeSingle(answer, now)
    })
    return Promise.all(outcomes)
  },
  examples: [
    {
      title: 'An e-mail was opened',
      message: exampleMessage({
        type: 'track',
        event: 'Report Delivery Event',
        properties: {
          deliveryId: 'd-1',
          metric: 'opened',
          recipient: 'jane@example.com',
          actionName: 'x',
          href: 'https://a.example',
        },
      }),
      requests: [
        {
          delivery_id: 'd-1',
          metric: 'opened',
          timestamp: 1_767_323_045,
          recipient: 'jane@example.com',
          href: 'https://a.example',
          metadata: { action_name: 'x' },
        },
      ],
    },
  ],
})
