import { defineFields, type Infer } from '@millrace/component-kit'

export const settings = defineFields({
  siteId: {
    type: 'secret',
    label: 'Site ID',
    description: 'The Site ID of the workspace: Settings, API Credentials, Tracking API Keys.',
    example: 'f5a1c0d2b3e4f5a6b7c8',
    required: true,
  },
  apiKey: {
    type: 'secret',
    label: 'API key',
    description: 'The tracking API key that belongs to the Site ID.',
    example: 'a8b7c6f5e4d3c2b1a0f9',
    required: true,
  },
  accountRegion: {
    type: 'string',
    label: 'Account region',
    description: 'Where Customer.io keeps the account: it decides the host that messages are sent to.',
    example: 'EU',
    choices: ['US', 'EU'],
    default: 'US',
  },
  endpoint: {
    type: 'string',
    label: 'Endpoint',
    description: 'The base URL of a proxy to send to in place of the host of the region, without "/api/…".',
    example: 'https://customerio-proxy.example.com',
  },
})

export type CustomerioSettings = Infer<typeof settings>
