import { defineFields } from '@millrace/component-kit'
import type { Infer } from '@millrace/component-kit'

/** Settings of a source of type `http`: one that speaks the Tracking API. */
export const httpSourceSettings = defineFields({
  fillIp: {
    type: 'string',
    label: 'Fill in the IP address',
    description:
      'Whether context.ip is filled from the connection when a message has none. auto: on browser routes and when the message says context.direct.',
    choices: ['auto', 'always', 'never'],
    example: 'auto',
    default: 'auto',
  },
  anonymizeIp: {
    type: 'boolean',
    label: 'Anonymise IP addresses',
    description: 'Fill in a shortened address: the last octet of IPv4 is zero, of IPv6 the first 48 bits are kept.',
    example: true,
    default: false,
  },
  fillUserAgent: {
    type: 'boolean',
    label: 'Fill in the user agent',
    description: 'On browser routes, fill context.userAgent from the request when a message has none.',
    example: true,
    default: true,
  },
  parseUserAgent: {
    type: 'boolean',
    label: 'Read the user agent',
    description: 'Add context.client with browser, operating system and device, and flag bots.',
    example: true,
    default: true,
  },
  browserScript: {
    type: 'string',
    label: 'Browser script',
    description:
      "Whose SDK is served at /analytics.js/v1/<write key>/analytics.min.js. The address of Customer.io's snippet, /v1/analytics-js/snippet/<write key>/analytics.min.js, always has Customer.io's.",
    choices: ['segment', 'customerio', 'millrace'],
    example: 'customerio',
    default: 'segment',
  },
  maxRequestsPerSecond: {
    type: 'integer',
    label: 'Requests per second',
    description:
      'Above this rate requests get 429 with Retry-After. Off when absent: some public clients lose messages on 429.',
    minimum: 1,
    example: 100,
  },
  maxMessagesPerSecond: {
    type: 'integer',
    label: 'Messages per second',
    description:
      'Above this rate requests get 429 with Retry-After. Off when absent: some public clients lose messages on 429.',
    minimum: 1,
    example: 5000,
  },
})

export type HttpSourceSettings = Infer<typeof httpSourceSettings>
