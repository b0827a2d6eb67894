import { defineFields } from '@millrace/component-kit'
import { withAnonymousId } from './entity.ts'
import { defineEntityAction } from './entity-action.ts'
import { exampleMessage } from './example-message.ts'
import { isFilled, objectIdentifiers, personIdentifiers } from './identifiers.ts'
import { anonymousId, convertTimestamp, createdAt, objectTypeId, relationshipAttributes } from './shared-fields.ts'
import { convertTimes, toSeconds } from './timestamps.ts'

const fields = defineFields({
  id: {
    type: 'string',
    label: 'Object ID',
    description: 'Which object: a company, a course, an account.',
    example: 'g-1',
    required: true,
    default: { '@path': '$.groupId' },
  },
  ...objectTypeId('traits'),
  customAttributes: {
    type: 'object',
    label: 'Attributes',
    description: 'Attributes of the object.',
    example: { name: 'Acme' },
    default: { '@path': '$.traits.objectAttributes' },
  },
  ...relationshipAttributes,
  userId: {
    type: 'string',
    label: 'User ID',
    description: 'The person who is related to the object.',
    example: 'u-1',
    default: { '@path': '$.userId' },
  },
  ...anonymousId,
  ...createdAt,
  ...convertTimestamp,
})

export const createUpdateObject = defineEntityAction({
  title: 'Create or Update Object',
  description: 'Create an object or change its attributes, and relate a person to it.',
  trigger: 'type = "group"',
  fields,
  entity: (values) => {
    const converted = values.convertTimestamp ? convertTimes : <T>(attributes: T) => attributes
    const identifiers = objectIdentifiers(values.id, values.objectTypeId)
    const person = personIdentifiers({ personId: values.userId, anonymousId: values.anonymousId })
    const { createdAt: created, customAttributes, relationshipAttributes: relationship } = values
    return {
      type: 'object',
      // An object of nobody is an ordinary one; only somebody who is not known yet makes the difference.
      action: person !== undefined && 'anonymous_id' in person ? 'identify_anonymous' : 'identify',
      identifiers,
      created_at: isFilled(created) && values.convertTimestamp ? toSeconds(created) : created,
      attributes: withAnonymousId(customAttributes && converted(customAttributes), values.anonymousId, identifiers),
      ...(person !== undefined && {
        cio_relationships: [{ identifiers: person, relationship_attributes: relationship && converted(relationship) }],
      }),
    }
  },
  examples: [
    {
      title: 'A group call of a known person',
      message: exampleMessage({
        type: 'group',
        groupId: 'g-1',
        traits: {
          name: 'Acme',
          website: 'acme.example',
          employees: 10,
          industry: 'Tools',
          object_type_id: '2',
          objectAttributes: { name: 'Acme' },
          relationshipAttributes: { role: 'owner' },
        },
      }),
      requests: [
        {
          type: 'object',
          action: 'identify',
          attributes: { name: 'Acme', anonymous_id: 'anon-1' },
          cio_relationships: [{ identifiers: { id: 'u-1' }, relationship_attributes: { role: 'owner' } }],
          identifiers: { object_id: 'g-1', object_type_id: '2' },
        },
      ],
    },
    {
      title: 'A group call of an anonymous person',
      message: exampleMessage({
        userId: null,
        type: 'group',
        groupId: 'g-1',
        traits: { objectAttributes: { name: 'Acme' }, createdAt: '2025-05-01' },
      }),
      requests: [
        {
          type: 'object',
          action: 'identify_anonymous',
          created_at: 1_746_057_600,
          attributes: { name: 'Acme', anonymous_id: 'anon-1' },
          cio_relationships: [{ identifiers: { anonymous_id: 'anon-1' } }],
          identifiers: { object_id: 'g-1', object_type_id: '1' },
        },
      ],
    },
  ],
})
