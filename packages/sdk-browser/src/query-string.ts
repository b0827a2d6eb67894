import type { Settings } from './settings.ts'

/** Calls that the address of the page asks for: `ajs_aid`, `ajs_uid` with `ajs_trait_*`, `ajs_event` with `ajs_prop_*`. */
export const queryCalls = (search: string, allowed: Settings['useQueryString'] = true): [string, ...unknown[]][] => {
  if (allowed === false) return []
  const query = new URLSearchParams(search)
  const { aid = /./, uid = /./ } = allowed === true ? {} : allowed
  const withPrefix = (prefix: string): object =>
    Object.fromEntries(
      [...query].flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])),
    )
  const [anonymousId, userId, event] = ['ajs_aid', 'ajs_uid', 'ajs_event'].map((key) => query.get(key))
  const calls: [string, ...unknown[]][] = []
  if (anonymousId && aid.test(anonymousId)) calls.push(['setAnonymousId', anonymousId])
  if (userId && uid.test(userId)) calls.push(['identify', userId, withPrefix('ajs_trait_')])
  if (event) calls.push(['track', event, withPrefix('ajs_prop_')])
  return calls
}
