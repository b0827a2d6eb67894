import { defineFields } from '@millrace/component-kit'
import { withAnonymousId } from './entity.ts'
import { defineEntityAction } from './entity-action.ts'
import { exampleMessage } from './example-message.ts'
import { objectIdentifiers, personIdentifiers } from './identifiers.ts'
import { anonymousId, objectTypeId, personId } from './shared-fields.ts'
import { onEvents, specialEvents } from './triggers.ts'

const fields = defineFields({
  ...personId,
  ...anonymousId,
  objectId: {
    type: 'string',
    label: 'Object ID',
    description: 'The object that the person is no longer related to.',
    example: 'g-1',
    required: true,
    default: { '@path': '$.properties.objectId' },
  },
  ...objectTypeId('properties'),
})

export const deleteRelationship = defineEntityAction({
  title: 'Delete Relationship',
  description: 'Remove the relationship between a person and an object.',
  trigger: onEvents(specialEvents.relationshipDeleted),
  fields,
  entity: (values) => {
    const identifiers = objectIdentifiers(values.objectId, values.objectTypeId)
    return {
      type: 'object',
      action: 'delete_relationships',
      identifiers,
      cio_relationships: [{ identifiers: personIdentifiers({ personId: values.personId }) }],
      attributes: withAnonymousId(undefined, values.anonymousId, identifiers),
    }
  },
  examples: [
    {
      title: 'A person left an object',
      message: exampleMessage({
        type: 'track',
        event: 'Relationship Deleted',
        properties: { objectId: 'g-1', object_type_id: '2' },
      }),
      requests: [
        {
          type: 'object',
          action: 'delete_relationships',
          cio_relationships: [{ identifiers: { id: 'u-1' } }],
          attributes: { anonymous_id: 'anon-1' },
          identifiers: { object_id: 'g-1', object_type_id: '2' },
        },
      ],
    },
  ],
})
