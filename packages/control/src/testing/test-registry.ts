import { defineAction, defineDestination, defineFields, defineWarehouse } from '@millrace/component-kit'
import type { WorkspaceRegistry } from '../workspace/registry.ts'

const hookSettings = defineFields({
  url: { type: 'string', label: 'URL', description: 'Where to post.', example: 'https://example.com', required: true },
  token: { type: 'secret', label: 'Token', description: 'Authenticates.', example: 'abc' },
  keys: { type: 'secret', label: 'Keys', description: 'Sign each request.', example: ['k1'], many: true },
  headers: { type: 'object', label: 'Headers', description: 'Sent along.', example: { a: 'b' } },
  method: {
    type: 'string',
    label: 'Method',
    description: 'How.',
    example: 'POST',
    choices: ['POST', 'PUT'],
    default: 'POST',
  },
  batchSize: {
    type: 'integer',
    label: 'Batch size',
    description: 'Messages.',
    example: 5,
    minimum: 1,
    maximum: 100,
    default: 1,
  },
})

const post = defineAction({
  title: 'Post',
  description: 'Posts a message.',
  trigger: 'type != null',
  settings: hookSettings,
  fields: {
    text: {
      type: 'string',
      label: 'Text',
      description: 'What to post.',
      example: 'hi',
      required: true,
      default: { '@path': '$.event' },
    },
    note: { type: 'string', label: 'Note', description: 'More.', example: 'ho' },
  },
  batch: { maxMessages: 1 },
  deliver: async () => [],
  examples: [],
})

const erase = defineAction({
  title: 'Erase',
  description: 'Erases a person.',
  trigger: 'type = "track" and event = "Erase"',
  settings: hookSettings,
  fields: { id: { type: 'string', label: 'Id', description: 'Whom.', example: 'u-1', required: true } },
  batch: { maxMessages: 1 },
  deliver: async () => [],
  examples: [],
})

const hook = defineDestination({
  slug: 'hook',
  name: 'Hook',
  description: 'Posts messages.',
  settings: hookSettings,
  actions: { post, erase },
  presets: [{ name: 'All', action: 'post' }],
})

const lake = defineWarehouse({
  slug: 'lake',
  name: 'Lake',
  description: 'Keeps messages.',
  settings: defineFields({
    path: { type: 'string', label: 'Path', description: 'The file.', example: 'a.db', default: 'lake.db' },
  }),
  open: () => Promise.reject(new Error('tests do not open warehouses')),
})

/** A destination, a warehouse and a kind of source, for the tests of this package. */
export const testRegistry: WorkspaceRegistry = {
  destinations: { hook },
  warehouses: { lake },
  delivery: defineFields({
    timeoutMs: {
      type: 'integer',
      label: 'Timeout',
      description: 'For one request.',
      example: 500,
      minimum: 1,
      default: 1000,
    },
  }),
  notifiers: {
    pager: {
      name: 'Pager',
      description: 'Tells somebody.',
      settings: defineFields({
        number: { type: 'string', label: 'Number', description: 'Whom.', example: '1', required: true },
        pin: { type: 'secret', label: 'Pin', description: 'Authenticates.', example: '1234' },
      }),
    },
  },
  sources: {
    http: {
      name: 'HTTP',
      description: 'The Tracking API.',
      settings: defineFields({
        anonymizeIp: {
          type: 'boolean',
          label: 'Anonymise',
          description: 'Shorten addresses.',
          example: true,
          default: false,
        },
        hashKey: { type: 'secret', label: 'Hash key', description: 'Hashes ids.', example: 'x' },
      }),
    },
  },
}
