import type { AnyEvents } from '@millrace/events'
import type { Analytics } from './analytics.ts'
import { coreCalls } from './calls.ts'
import { thisWindow } from './dom.ts'
import type { PageWindow } from './dom.ts'
import { createEngine } from './engine.ts'
import type { Settings } from './settings.ts'

export type { Settings } from './settings.ts'

/** The small entry: what most pages call, with the same queue. */
export type CoreAnalytics<Plan = AnyEvents> = Pick<
  Analytics<Plan>,
  'load' | 'identify' | 'track' | 'page' | 'reset' | 'flush'
>

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
): CoreAnalytics<Plan> => {
  const engine = createEngine(win, coreCalls, (event, lost) => event === 'error' && console.error(lost))
  const method =
    (name: string) =>
    (...args: unknown[]) =>
      engine.call(name, args)
  const analytics = {
    load: engine.load,
    identify: method('identify'),
    track: method('track'),
    page: method('page'),
    reset: method('reset'),
    flush: method('flush'),
  } as unknown as CoreAnalytics<Plan>
  if (settings) engine.load(settings)
  return analytics
}
