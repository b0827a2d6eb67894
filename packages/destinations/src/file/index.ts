import { defineDestination } from '@millrace/component-kit'
import { settings } from './settings.ts'
import { write } from './write.ts'

export default defineDestination({
  slug: 'file',
  name: 'File',
  description: 'Append messages to a file as lines of JSON, to look at your data.',
  output: 'files',
  settings,
  actions: { write },
})
