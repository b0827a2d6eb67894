import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fieldsToJsonSchema } from './json-schema.ts'

const about = { label: 'Label', description: 'Text.' } as const

it('describes fields as JSON Schema 2020-12, secrets write-only, defaults only where they are values', () => {
  const schema = fieldsToJsonSchema({
    key: { ...about, type: 'secret', example: 'k', required: true },
    id: { ...about, type: 'string', example: 'u', required: true, default: { '@path': '$.userId' } },
    size: { ...about, type: 'integer', example: 5, minimum: 1, maximum: 9, required: true, default: 3 },
    at: { ...about, type: 'datetime', example: '2026-01-02', deprecated: 'Use time.' },
    tags: { ...about, type: 'string', example: ['a'], many: true, choices: ['a', 'b'] },
    any: { ...about, type: 'any', example: null },
  })
  assert.deepEqual(schema, {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      key: { title: 'Label', description: 'Text.', type: 'string', examples: ['k'], writeOnly: true },
      id: { title: 'Label', description: 'Text.', type: 'string', examples: ['u'] },
      size: {
        title: 'Label',
        description: 'Text.',
        type: 'integer',
        minimum: 1,
        maximum: 9,
        default: 3,
        examples: [5],
      },
      at: {
        title: 'Label',
        description: 'Text. Deprecated: Use time.',
        type: 'string',
        format: 'date-time',
        examples: ['2026-01-02'],
        deprecated: true,
      },
      tags: {
        title: 'Label',
        description: 'Text.',
        type: 'array',
        items: { type: 'string', enum: ['a', 'b'] },
        examples: [['a']],
      },
      any: { title: 'Label', description: 'Text.', examples: [null] },
    },
    required: ['key', 'id'],
    additionalProperties: false,
  })
})
