import { defineFields } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import { withAnonymousId } from './entity.ts'
import { defineEntityAction } from './entity-action.ts'
import { exampleMessage } from './example-message.ts'
import { firstOf } from './first-of.ts'
import { isFilled, objectIdentifiers, personIdentifiers } from './identifiers.ts'
import {
  anonymousId,
  convertTimestamp,
  createdAt,
  objectTypeId,
  relationshipAttributes,
  timestamp,
} from './shared-fields.ts'
import { convertTimes, toSeconds } from './timestamps.ts'

const fields = defineFields({
  id: {
    type: 'string',
    label: 'Person ID',
    description: 'Which person: an id, an e-mail address, or an id of Customer.io behind "cio_".',
    example: 'u-1',
    default: firstOf('$.userId', '$.traits.email'),
  },
  ...anonymousId,
  email: {
    type: 'string',
    label: 'E-mail address',
    description: 'The attribute "email". Identifies the person when there is no id.',
    example: 'jane@example.com',
    default: { '@path': '$.traits.email' },
  },
  ...createdAt,
  groupId: {
    type: 'string',
    label: 'Object ID',
    description: 'An object that the person is related to.',
    example: 'g-1',
    default: { '@path': '$.traits.objectId' },
  },
  ...objectTypeId('traits'),
  ...relationshipAttributes,
  customAttributes: {
    type: 'object',
    label: 'Attributes',
    description: 'Attributes of the person. What has a field of its own is left out.',
    example: { plan: 'pro' },
    default: { '@path': '$.traits' },
  },
  ...timestamp,
  ...convertTimestamp,
})

/** Traits that have a field of their own. `objectId` stays among the attributes, as Customer.io's own pipelines do it. */
const mappedTraits = new Set(['createdAt', 'created_at', 'object_type_id', 'objectTypeId', 'relationshipAttributes'])

function attributesOf(custom: JsonObject, email: string | undefined, createdAtTime: string | undefined): JsonObject {
  return {
    ...Object.fromEntries(Object.entries(custom).filter(([name]) => !mappedTraits.has(name))),
    ...(isFilled(createdAtTime) && { created_at: createdAtTime }),
    ...(isFilled(email) && { email }),
  }
}

export const createUpdatePerson = defineEntityAction({
  title: 'Create or Update Person',
  description: 'Create a person, or add to and change the attributes of one.',
  trigger: 'type = "identify"',
  fields,
  entity: (values) => {
    const identifiers = personIdentifiers({ ...values, personId: values.id })
    const attributes = attributesOf(values.customAttributes ?? {}, values.email, values.createdAt)
    return {
      type: 'person',
      action: 'identify',
      identifiers,
      timestamp: isFilled(values.timestamp) ? toSeconds(values.timestamp) : undefined,
      attributes: withAnonymousId(
        values.convertTimestamp ? convertTimes(attributes) : attributes,
        values.anonymousId,
        identifiers,
      ),
      ...(isFilled(values.groupId) && {
        // Its times stay as they are: those of a person's relationships are in a list, and lists are not converted.
        cio_relationships: [
          {
            identifiers: objectIdentifiers(values.groupId, values.objectTypeId),
            relationship_attributes: values.relationshipAttributes,
          },
        ],
      }),
    }
  },
  examples: [
    {
      title: 'An identify call',
      message: exampleMessage({
        type: 'identify',
        traits: {
          email: 'jane@example.com',
          firstName: 'Jane',
          lastName: 'Doe',
          phone: '+15550001111',
          createdAt: '2025-05-01T00:00:00Z',
          plan: 'pro',
          address: { city: 'Oslo', country: 'NO', street: 'Main 1', postalCode: '0150' },
          company: { name: 'Acme' },
        },
      }),
      requests: [
        {
          type: 'person',
          action: 'identify',
          attributes: {
            email: 'jane@example.com',
            firstName: 'Jane',
            lastName: 'Doe',
            phone: '+15550001111',
            plan: 'pro',
            address: { city: 'Oslo', country: 'NO', street: 'Main 1', postalCode: '0150' },
            company: { name: 'Acme' },
            created_at: 1_746_057_600,
            anonymous_id: 'anon-1',
          },
          timestamp: 1_767_323_045,
          identifiers: { id: 'u-1' },
        },
      ],
    },
    {
      title: 'A person with an object',
      message: exampleMessage({
        type: 'identify',
        traits: { objectId: 'g-1', objectTypeId: 2, relationshipAttributes: { role: 'owner' } },
      }),
      requests: [
        {
          type: 'person',
          action: 'identify',
          attributes: { objectId: 'g-1', anonymous_id: 'anon-1' },
          cio_relationships: [
            { identifiers: { object_id: 'g-1', object_type_id: '2' }, relationship_attributes: { role: 'owner' } },
          ],
          timestamp: 1_767_323_045,
          identifiers: { id: 'u-1' },
        },
      ],
    },
  ],
})
