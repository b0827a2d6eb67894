import type { ClientSession } from './client-session.ts'

type Callback = (error?: unknown) => void

/** What `@segment/analytics-node` and its fork `@customerio/cdp-analytics-node` have in common. */
export interface SegmentLike {
  closeAndFlush: () => Promise<void>
}

/** Makes each call with a callback, which both clients give the outcome of that one message. */
export const segmentLikeSession = (analytics: SegmentLike): ClientSession => ({
  send: async (calls) => {
    const failed: string[] = []
    const settled = calls.map(({ method, parameters }) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      // What a method takes depends on its name, which the compiler cannot follow here.
      const methods = analytics as unknown as Record<string, (parameters: object, callback: Callback) => void>
      methods[method]?.(parameters, (error) => {
        if (error !== undefined) failed.push(parameters.messageId ?? '')
        resolve()
      })
      return promise
    })
    await Promise.all(settled)
    return failed
  },
  close: () => analytics.closeAndFlush(),
})
