import { defineFields } from '@millrace/component-kit'
import { defineEntityAction } from './entity-action.ts'
import { exampleMessage } from './example-message.ts'
import { objectIdentifiers } from './identifiers.ts'
import { objectTypeId } from './shared-fields.ts'
import { onEvents, specialEvents } from './triggers.ts'

const fields = defineFields({
  objectId: {
    type: 'string',
    label: 'Object ID',
    description: 'The object to remove.',
    example: 'g-1',
    default: { '@path': '$.properties.objectId' },
  },
  ...objectTypeId('properties'),
})

export const deleteObject = defineEntityAction({
  title: 'Delete Object',
  description: 'Remove an object and its relationships.',
  trigger: onEvents(specialEvents.objectDeleted),
  fields,
  entity: (values) => ({
    type: 'object',
    action: 'delete',
    identifiers: objectIdentifiers(values.objectId, values.objectTypeId),
  }),
  examples: [
    {
      title: 'An object was deleted',
      message: exampleMessage({
        type: 'track',
        event: 'Object Deleted',
        properties: { objectId: 'g-1', object_type_id: '2' },
      }),
      requests: [{ type: 'object', action: 'delete', identifiers: { object_id: 'g-1', object_type_id: '2' } }],
    },
  ],
})
