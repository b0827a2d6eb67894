import { defineDestination } from '@millrace/component-kit'
import { accountOf } from './account.ts'
import { entityActions } from './entity-actions.ts'
import { judgeSingle } from './judge-answer.ts'
import { reportDeliveryEvent } from './report-delivery-event.ts'
import { settings } from './settings.ts'

/**
 * Customer.io Journeys, by its Track API v2. The actions have no presets: each runs by its own trigger, and the triggers
 * exclude each other.
 *
 * Customer.io asks for no more than about 100 requests a second for a workspace, hence `rateLimit`; it answers 429 beyond, which
 * is tried again after Retry-After.
 */
export default defineDestination({
  slug: 'customerio',
  name: 'Customer.io',
  description: 'Send people, events, devices and objects to Customer.io Journeys.',
  settings,
  rateLimit: { requestsPerSecond: 100 },
  actions: { ...entityActions, reportDeliveryEvent },
  async check({ settings: given, http, signal, now }) {
    const account = accountOf(given)
    if ('status' in account) return account
    return judgeSingle(
      await http.request({ method: 'GET', url: `${account.base}/auth`, headers: account.headers, signal }),
      now,
    )
  },
})
