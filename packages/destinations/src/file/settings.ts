import { defineFields, type Infer } from '@millrace/component-kit'

export const settings = defineFields({
  path: {
    type: 'string',
    label: 'Path',
    description:
      'The file to append to. A relative path is inside the data folder of this destination; an absolute one may be anywhere that Millrace can write, in a folder that exists.',
    example: 'messages.ndjson',
    default: 'messages.ndjson',
  },
})

export type FileSettings = Infer<typeof settings>
