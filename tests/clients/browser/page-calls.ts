import type { Page } from 'playwright-core'

/** One call of the public interface: arguments as the application writes them. */
export interface PageCall {
  method: string
  args: readonly unknown[]
}

/** What every page of these tests has, seen from the functions that run in it. */
export interface PageGlobals {
  /** The exports of the package. */
  client: Readonly<Record<string, unknown>>
  /** The client, started. */
  analytics: Readonly<Record<string, (...args: unknown[]) => unknown>>
  /** Of the person at this moment, as the client says. */
  anonymousId: () => string
}

const copied = (calls: readonly PageCall[]) => calls.map(({ method, args }) => ({ method, args: [...args] }))

/** Makes the calls one after the other, each when the client has done with the one before. Gives the anonymous id after each. */
export const makeCalls = (page: Page, calls: readonly PageCall[]): Promise<string[]> =>
  page.evaluate(async (given) => {
    const globals = globalThis as unknown as PageGlobals
    const ids: string[] = []
    for (const { method, args } of given) {
      if (globals.analytics[method] === undefined) throw new Error(`the client has no ${method}`)
      await globals.analytics[method](...args)
      ids.push(globals.anonymousId())
    }
    return ids
  }, copied(calls))

/** Makes the calls and waits for none of them. */
export const startCalls = (page: Page, calls: readonly PageCall[]): Promise<void> =>
  page.evaluate((given) => {
    const { analytics } = globalThis as unknown as PageGlobals
    for (const { method, args } of given) Promise.resolve(analytics[method]?.(...args)).catch(() => undefined)
  }, copied(calls))
