import type { MessageType } from '@millrace/protocol'

export interface Route {
  /** The call that the route names; none for a batch, whose messages name theirs. */
  type: MessageType | undefined
  isBatch: boolean
  /** The short routes are those of browsers and phones: there the connection says where the person is. */
  isBrowser: boolean
}

const single = (type: MessageType, isBrowser: boolean): Route => ({ type, isBatch: false, isBrowser })
const batch = (isBrowser: boolean): Route => ({ type: undefined, isBatch: true, isBrowser })

const routes: ReadonlyMap<string, Route> = new Map([
  ['/v1/batch', batch(false)],
  ['/v1/identify', single('identify', false)],
  ['/v1/track', single('track', false)],
  ['/v1/page', single('page', false)],
  ['/v1/screen', single('screen', false)],
  ['/v1/group', single('group', false)],
  ['/v1/alias', single('alias', false)],
  ['/v1/b', batch(true)],
  ['/v1/i', single('identify', true)],
  ['/v1/t', single('track', true)],
  ['/v1/p', single('page', true)],
  ['/v1/s', single('screen', true)],
  ['/v1/g', single('group', true)],
  ['/v1/a', single('alias', true)],
])

/** The route of a path without query; one trailing slash is as none. */
export const routeOf = (path: string): Route | undefined =>
  routes.get(path) ?? (path.endsWith('/') ? routes.get(path.slice(0, -1)) : undefined)
