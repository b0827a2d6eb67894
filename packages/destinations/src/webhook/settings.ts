import { defineFields, type Infer } from '@millrace/component-kit'

export const settings = defineFields({
  url: {
    type: 'string',
    label: 'URL',
    description: 'Where to send. http or https, without credentials in it.',
    example: 'https://example.com/in',
    required: true,
  },
  method: {
    type: 'string',
    label: 'Method',
    description: 'The HTTP method of each request.',
    example: 'POST',
    choices: ['POST', 'PUT', 'PATCH'],
    default: 'POST',
  },
  headers: {
    type: 'object',
    label: 'Headers',
    description:
      'Headers of each request, by name. For a credential use the setting for it, or a value that comes from the environment.',
    example: { 'x-team': 'growth' },
  },
  authorization: {
    type: 'secret',
    label: 'Authorization',
    description: 'The value of the Authorization header.',
    example: 'Bearer 3f9c1e',
  },
  signingSecret: {
    type: 'secret',
    label: 'Signing secret',
    description:
      'Signs each request by the Standard Webhooks scheme: "whsec_" and 24 to 64 random bytes in base64. While you change it, write the new and the old one, separated by a space: both sign.',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  },
  batchSize: {
    type: 'integer',
    label: 'Batch size',
    description:
      'The most messages of one request. With 1 the body is the message itself; with more it is always a list, even when it holds one.',
    example: 50,
    minimum: 1,
    maximum: 1000,
    default: 1,
  },
  batchFormat: {
    type: 'string',
    label: 'Batch format',
    description:
      'What the list holds when the batch size is above 1. "array": the data as mapped. "envelope": {"idempotencyKey", "messageId", "data"} for each.',
    example: 'array',
    choices: ['array', 'envelope'],
    default: 'array',
  },
  timeoutMs: {
    type: 'integer',
    label: 'Timeout',
    description: 'Milliseconds for one request in all, from connecting to the last byte of the answer.',
    example: 10_000,
    minimum: 100,
    maximum: 120_000,
    default: 10_000,
  },
})

export type WebhookSettings = Infer<typeof settings>
