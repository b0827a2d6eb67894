import { defineDestination } from '@millrace/component-kit'
import { send } from './send.ts'
import { settings } from './settings.ts'

/** There is no `check`: no request to a URL of the user's own is known to change nothing. */
export default defineDestination({
  slug: 'webhook',
  name: 'Webhook',
  description: 'Send messages as JSON to a URL of your own, signed and in batches if you like.',
  settings,
  actions: { send },
})
