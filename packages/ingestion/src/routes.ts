import { messageTypes } from '@millrace/protocol'
import type { MessageType } from '@millrace/protocol'

export interface Route {
  /** The call that the route names; none for a batch, whose messages name theirs. */
  type: MessageType | undefined
  isBatch: boolean
  /** The short routes are those of browsers and phones: there the connection says where the person is. */
  isBrowser: boolean
  /** Figures that a client library sends about itself: taken and counted, no message. */
  isClientMetrics?: true
}

const single = (type: MessageType, isBrowser: boolean): Route => ({ type, isBatch: false, isBrowser })
const batch = (isBrowser: boolean): Route => ({ type: undefined, isBatch: true, isBrowser })
const clientMetrics: Route = { type: undefined, isBatch: true, isBrowser: true, isClientMetrics: true }

const routes: ReadonlyMap<string, Route> = new Map([
  ['/v1/batch', batch(false)],
  ['/v1/import', batch(false)],
  ['/v1/b', batch(true)],
  ['/beacon/v1/batch', batch(true)],
  ['/v1/m', clientMetrics],
  ...messageTypes.flatMap((type): [string, Route][] => [
    [`/v1/${type}`, single(type, false)],
    [`/v1/${type.charAt(0)}`, single(type, true)],
    [`/api/s/${type}`, single(type, true)],
    [`/api/s/s2s/${type}`, single(type, false)],
  ]),
])

/** What the paths of all routes begin with. */
export const routePrefixes: readonly string[] = ['/v1/', '/api/s/', '/beacon/v1/']

/** The route of a path without query; one trailing slash is as none. */
export const routeOf = (path: string): Route | undefined =>
  routes.get(path) ?? (path.endsWith('/') ? routes.get(path.slice(0, -1)) : undefined)
