import type { AnyEvents } from '@millrace/events'
import type { Analytics } from './analytics.ts'
import { createWithEngine } from './create-analytics.ts'
import { thisWindow } from './dom.ts'
import type { PageWindow } from './dom.ts'
import type { Settings } from './settings.ts'

export type { Context, Integrations, MessageOptions, Middleware, OutgoingMessage, Plugin } from '@millrace/sdk-core'
export type { Analytics, GroupView, PersonView } from './analytics.ts'
export type { Consent, ConsentSettings } from './consent-gate.ts'
export type { LostMessage, Settings } from './settings.ts'

/**
 * Makes an instance; calls before `load` wait for it.
 *
 * @example
 * const analytics = createAnalytics({ writeKey: 'wk_web', host: 'https://events.example.com' })
 * analytics.track('Order Completed', { order_id: 'order-1' })
 * @param win for tests; by default the page, and on a server none: then every call does nothing
 */
export const createAnalytics = <Plan = AnyEvents>(
  settings?: Settings,
  win: PageWindow | undefined = thisWindow(),
): Analytics<Plan> => {
  const { analytics } = createWithEngine<Plan>(win)
  if (settings) analytics.load(settings)
  return analytics
}
