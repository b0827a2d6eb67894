import { defineFields } from '@millrace/component-kit'
import { defineEntityAction } from './entity-action.ts'
import { exampleMessage } from './example-message.ts'
import { personIdentifiers } from './identifiers.ts'

const fields = defineFields({
  primary: {
    type: 'string',
    label: 'Primary person',
    description: 'The person who stays: an id, an e-mail address, or an id of Customer.io behind "cio_".',
    example: 'u-1',
    required: true,
    default: { '@path': '$.userId' },
  },
  secondary: {
    type: 'string',
    label: 'Secondary person',
    description: 'The person who is merged into the primary one and is gone afterwards.',
    example: 'u-old',
    required: true,
    default: { '@path': '$.previousId' },
  },
})

export const mergePeople = defineEntityAction({
  title: 'Merge People',
  description: 'Merge one person into another. Both must exist; an anonymous id is no person.',
  trigger: 'type = "alias"',
  fields,
  entity: ({ primary, secondary }) => ({
    type: 'person',
    action: 'merge',
    primary: personIdentifiers({ personId: primary }),
    secondary: personIdentifiers({ personId: secondary }),
  }),
  examples: [
    {
      title: 'An alias call',
      message: exampleMessage({ type: 'alias', previousId: 'anon-1' }),
      requests: [{ type: 'person', action: 'merge', primary: { id: 'u-1' }, secondary: { id: 'anon-1' } }],
    },
  ],
})
