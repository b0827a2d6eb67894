import { createCookies } from './cookies.ts'
import type { CookieOptions } from './cookies.ts'
import { attempt } from './dom.ts'
import type { PageWindow } from './dom.ts'

export type StoreName = 'cookie' | 'localStorage' | 'memory'

export interface StoreOptions {
  /** Where the person is remembered; by default in all three. */
  storage?: { stores: readonly StoreName[] }
  cookie?: CookieOptions
  /** Remember nothing beyond this page: no cookie, no local storage. */
  disableClientPersistence?: boolean
}

/** Values by name, in whatever the browser lets us write. None of it throws. */
export interface Stores {
  /** A text that cookie and local storage have; the cookie wins, since only it is shared by subdomains. */
  text: (key: string) => string | undefined
  setText: (key: string, value: string | undefined) => void
  /** An object, never in a cookie. */
  object: (key: string) => object | undefined
  setObject: (key: string, value: object | undefined) => void
}

/** What clients of this kind wrote: local storage holds JSON, a cookie plain text and in old ones JSON. */
const textOf = (stored: string | null | undefined): string | undefined =>
  (stored?.startsWith('"') ? attempt(() => JSON.parse(stored) as string) : stored) || undefined

export const createStores = (win: PageWindow, options: StoreOptions): Stores => {
  const names = options.disableClientPersistence ? [] : (options.storage?.stores ?? ['cookie', 'localStorage'])
  const memory = new Map<string, string>()
  const cookies = names.includes('cookie') ? attempt(() => createCookies(win, options.cookie ?? {})) : undefined
  const local = names.includes('localStorage') ? attempt(() => win.localStorage) : undefined

  const put = (key: string, value: string | undefined): void => {
    if (value === undefined) memory.delete(key)
    else memory.set(key, value)
    attempt(() => (value === undefined ? local?.removeItem(key) : local?.setItem(key, value)))
  }
  const stored = (key: string): string | null | undefined => attempt(() => local?.getItem(key)) ?? memory.get(key)
  const setText: Stores['setText'] = (key, value) => {
    put(key, value === undefined ? value : JSON.stringify(value))
    attempt(() => (value === undefined ? cookies?.remove(key) : cookies?.set(key, value)))
  }
  return {
    text: (key) => {
      const inCookie = textOf(attempt(() => cookies?.get(key)))
      const elsewhere = textOf(stored(key))
      const value = inCookie ?? elsewhere
      // One of them may have been cleared, or written by another subdomain.
      if (value !== undefined && (elsewhere !== value || (cookies && inCookie === undefined))) setText(key, value)
      return value
    },
    setText,
    object: (key) => attempt(() => JSON.parse(stored(key) ?? '') as object) ?? undefined,
    setObject: (key, value) => put(key, value && JSON.stringify(value)),
  }
}
