import { eventually } from '../eventually.ts'
import type { RecordingProxy, Refusal } from '../recording-proxy.ts'
import type { ServerUnderTest } from '../server-under-test.ts'

/**
 * What a client meets on its way:  client → proxy (keeps its address) → server.
 *
 *   healthy     every request is passed on
 *   refused     the proxy answers a number of requests with 429 or 503 in place of the server
 *   killed      the whole server dies by kill -9 and is started again; meanwhile connections break
 *
 * Conditions end after a number of requests, never after a time: how long that takes is the client's own pace.
 */
export interface Path {
  server: ServerUnderTest
  proxy: RecordingProxy
}

/** "Too many requests", with the seconds after which the client may come again. */
export const rateLimited = (retryAfterS: number): Refusal => ({
  status: 429,
  headers: { 'retry-after': String(retryAfterS) },
})

export const unavailable: Refusal = { status: 503 }

/** The next requests are refused, one for each; then everything is passed on again. */
export const times = (count: number, refusal: Refusal): Refusal[] => Array.from({ length: count }, () => refusal)

/** kill -9 of every process of the server at once, as when the machine dies. The proxy breaks connections from here on. */
export const kill = async ({ server, proxy }: Path): Promise<void> => {
  // The first of them is the one that would start the others again.
  for (const pid of server.processes().values()) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended meanwhile.
    }
  }
  proxy.cutOff()
  await server.crash()
}

/** Starts it again with the same data, at another port, of which the client learns nothing. */
export const restart = async ({ server, proxy }: Path): Promise<void> => {
  await server.restart()
  await server.ready()
  proxy.passTo(server.url)
}

/** Resolves when as many requests found a dead server, retries included. */
export const broken = (proxy: RecordingProxy, count: number, timeoutMs = 30_000): Promise<number> =>
  eventually(
    `${count} requests find the server dead`,
    () => {
      const seen = proxy.requests.filter(({ answeredBy }) => answeredBy === 'nobody').length
      return seen >= count ? seen : undefined
    },
    { timeoutMs },
  )

/** Resolves when as many requests were answered by the server with 200. */
export const acknowledged = (proxy: RecordingProxy, count: number, timeoutMs = 30_000): Promise<number> =>
  eventually(
    `${count} requests are acknowledged`,
    () => {
      const seen = proxy.requests.filter(isAcknowledged).length
      return seen >= count ? seen : undefined
    },
    { timeoutMs },
  )

export const isAcknowledged = ({ status, answeredBy }: { status: number; answeredBy: string }): boolean =>
  status === 200 && answeredBy === 'server'
