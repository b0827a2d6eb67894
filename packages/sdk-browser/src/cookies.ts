import { attempt } from './dom.ts'
import type { PageWindow } from './dom.ts'

export interface CookieOptions {
  /** Default: the widest domain that the browser lets the page set, so that subdomains share the person. */
  domain?: string
  /** Days. */
  maxage?: number
  path?: string
  sameSite?: 'Lax' | 'Strict' | 'None' | 'lax' | 'strict' | 'none'
  secure?: boolean
}

const defaultDays = 365

/** Cookies of the page by name. */
export const createCookies = (win: PageWindow, options: CookieOptions) => {
  const { document } = win
  const read = (name: string): string | undefined => {
    const entry = document.cookie.split('; ').find((each) => each.startsWith(`${name}=`))
    if (entry === undefined) return undefined
    const value = entry.slice(name.length + 1)
    return attempt(() => decodeURIComponent(value)) ?? value
  }
  const put = (name: string, value: string, days: number, domain: string | undefined): void => {
    const { path = '/', sameSite = 'Lax', secure } = options
    document.cookie =
      `${name}=${encodeURIComponent(value)};path=${path};max-age=${days * 86_400};samesite=${sameSite}` +
      (domain ? `;domain=${domain}` : '') +
      (secure ? ';secure' : '')
  }

  /** Tried out with a cookie, because no list of public suffixes fits here. None for an address or a bare name. */
  const widestDomain = (): string | undefined => {
    const labels = win.location.hostname.split('.')
    for (let at = labels.length - 2; at >= 0; at--) {
      const domain = labels.slice(at).join('.')
      put('__tld__', '1', 1, domain)
      const isSet = read('__tld__') !== undefined
      put('__tld__', '', 0, domain)
      if (isSet) return domain
    }
    return undefined
  }

  const domain = options.domain ?? widestDomain()
  return {
    get: read,
    set: (name: string, value: string): void => put(name, value, options.maxage ?? defaultDays, domain),
    remove: (name: string): void => put(name, '', 0, domain),
  }
}
