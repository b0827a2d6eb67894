import type { Analytics } from './analytics.ts'
import type { PageElement, PageWindow } from './dom.ts'
import type { Moment } from './engine.ts'
import type { PageContext } from './page-context.ts'
import type { Settings } from './settings.ts'

/** What a snippet leaves on the page: a list of calls, and what `load` was given. */
export interface SnippetQueue extends ArrayLike<unknown> {
  initialized?: boolean
  _writeKey?: string
  _loadOptions?: Partial<Settings>
}

/** What newer snippets of analytics.js add to a call: where it was made. */
interface BufferedPage {
  __t: 'bpc'
  p: string
  u: string
  s: string
  t: string
  r: string
}

/** These say how other calls are to be made, so they come first. */
const first = /^(?:on|once|off|register|deregister|add\w+Middleware|debug|setAnonymousId|consent)$/

const isBufferedPage = (value: unknown): value is BufferedPage =>
  (value as Partial<BufferedPage> | null | undefined)?.__t === 'bpc'

const pageOf = ({ p, u, s, t, r }: BufferedPage): PageContext => ({
  path: p,
  referrer: r,
  search: s,
  title: t,
  url: u.replace(/#.*/, ''),
})

/** Makes the calls that a snippet has kept: each where it was made, as far as the snippet says. */
export const replay = (
  queue: ArrayLike<unknown>,
  analytics: Analytics,
  callAt: (method: string, args: unknown[], moment: Moment) => unknown,
): void => {
  const calls = Array.from(queue, (entry) => (Array.isArray(entry) ? (entry as unknown[]) : []))
  const methods = analytics as unknown as { readonly [method: string]: ((...args: unknown[]) => unknown) | undefined }
  const make = ([name, ...args]: unknown[]): void => {
    const method = String(name)
    const last = args[args.length - 1]
    if (isBufferedPage(last)) callAt(method, args.slice(0, -1), { at: Date.now(), page: pageOf(last) })
    else methods[method]?.(...args)
  }
  const isFirst = ([name]: unknown[]): boolean => first.test(String(name))
  for (const call of calls) if (isFirst(call)) make(call.filter((arg) => !isBufferedPage(arg)))
  for (const call of calls) if (!isFirst(call)) make(call)
}

/** Where a page loads the script from says where Millrace is: `<host>/analytics.js/v1/<write key>/analytics.min.js`. */
export const addressOf = (source: string): { host: string; writeKey: string } | undefined => {
  const match = /^(.*?)\/(?:analytics\.js\/v1|v1\/analytics-js\/snippet)\/([^/]+)\/analytics\.min\.js/.exec(source)
  return match ? { host: match[1] as string, writeKey: decodeURIComponent(match[2] as string) } : undefined
}

/** The name that the page has chosen for the global; the attributes are those of the snippets. */
export const globalNameOf = (script: PageElement | null | undefined): string =>
  ['millrace', 'segment-analytics', 'customerio-analytics']
    .map((vendor) => script?.getAttribute(`data-global-${vendor}-key`))
    .find(Boolean) ?? 'analytics'

/** The element that this script came from. A module has none, then it is looked for. */
export const ownScript = ({ document }: PageWindow): (PageElement & { src?: string }) | null =>
  document.currentScript ?? document.querySelector('script[src*="analytics.min.js"]')
