import { defineFields } from '@millrace/component-kit'
import { firstOf } from './first-of.ts'

/** Fields that several actions have, with the same meaning and default in each. */

export const personId = defineFields({
  personId: {
    type: 'string',
    label: 'Person ID',
    description: 'Which person: an id, an e-mail address, or an id of Customer.io behind "cio_".',
    example: 'u-1',
    required: true,
    default: { '@path': '$.userId' },
  },
})

export const anonymousId = defineFields({
  anonymousId: {
    type: 'string',
    label: 'Anonymous ID',
    description:
      'Who it was before being identified. Identifies the person when nothing else does; else it is sent beside the id, so that Customer.io finds what was done before.',
    example: 'anon-1',
    default: { '@path': '$.anonymousId' },
  },
})

export const timestamp = defineFields({
  timestamp: {
    type: 'string',
    label: 'Timestamp',
    description: 'When it happened: ISO 8601 or seconds since 1970. Always sent in seconds.',
    example: '2026-01-02T03:04:05.000Z',
    default: { '@path': '$.timestamp' },
  },
})

export const convertTimestamp = defineFields({
  convertTimestamp: {
    type: 'boolean',
    label: 'Convert times',
    description: 'Whether ISO 8601 dates and times in attributes become seconds since 1970; those in lists never do.',
    example: true,
    default: true,
  },
})

export const objectTypeId = (root: 'traits' | 'properties') =>
  defineFields({
    objectTypeId: {
      type: 'string',
      label: 'Object type ID',
      description: 'The type of the object, as numbered in the workspace. "1" when it is missing.',
      example: '1',
      default: firstOf(`$.${root}.object_type_id`, `$.${root}.objectTypeId`),
    },
  })

export const relationshipAttributes = defineFields({
  relationshipAttributes: {
    type: 'object',
    label: 'Relationship attributes',
    description: 'Attributes of the relationship between person and object.',
    example: { role: 'owner' },
    default: { '@path': '$.traits.relationshipAttributes' },
  },
})

export const createdAt = defineFields({
  createdAt: {
    type: 'string',
    label: 'Created at',
    description: 'When the person or object was made: ISO 8601 or seconds since 1970.',
    example: '2025-05-01T00:00:00Z',
    default: firstOf('$.traits.created_at', '$.traits.createdAt'),
  },
})
