/**
 * The parts of a page that the SDK uses, as its types know them. Written down so that tests can hand in a page of their own,
 * and so that no file reaches for a global: during server rendering there is none.
 */

export interface PageStorage {
  readonly length: number
  key: (index: number) => string | null
  getItem: (key: string) => string | null
  setItem: (key: string, value: string) => void
  removeItem: (key: string) => void
}

export interface PageEvent {
  persisted?: boolean
  preventDefault?: () => void
}

export interface PageElement {
  getAttribute: (name: string) => string | null
  addEventListener: (type: string, listener: (event: PageEvent) => void, options?: boolean) => void
}

export interface PageDocument {
  cookie: string
  readonly title: string
  readonly referrer: string
  readonly visibilityState: string
  readonly currentScript?: (PageElement & { src?: string }) | null
  querySelector: (selector: string) => PageElement | null
  addEventListener: (type: string, listener: (event: PageEvent) => void, options?: boolean) => void
}

export interface UserAgentData {
  brands?: unknown
  mobile?: boolean
  platform?: string
  getHighEntropyValues?: (hints: string[]) => Promise<object>
}

export interface PageNavigator {
  readonly userAgent: string
  readonly language?: string
  readonly userAgentData?: UserAgentData
  readonly locks?: { request: (name: string, run: () => Promise<void>) => Promise<void> }
}

export interface PageLocation {
  readonly href: string
  readonly origin: string
  readonly hostname: string
  readonly protocol: string
  readonly pathname: string
  readonly search: string
}

export interface PageResponse {
  readonly status: number
  readonly headers: { get: (name: string) => string | null }
}

export interface PageWindow {
  readonly document: PageDocument
  readonly navigator: PageNavigator
  readonly location: PageLocation
  /** Throws where the person or a policy forbids it. */
  readonly localStorage: PageStorage
  readonly screen?: { readonly width: number; readonly height: number }
  readonly devicePixelRatio?: number
  readonly crypto: { randomUUID?: () => string; getRandomValues: (bytes: Uint8Array) => Uint8Array }
  readonly fetch: (
    url: string,
    init: { method: string; body: string; headers: { [name: string]: string }; keepalive: boolean; signal: unknown },
  ) => Promise<PageResponse>
  readonly setTimeout: (run: () => void, ms: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
  addEventListener: (type: string, listener: (event: PageEvent) => void) => void
}

/** The page, or undefined where there is none: on a server. */
export const thisWindow = (): PageWindow | undefined =>
  typeof document === 'undefined' ? undefined : (globalThis as unknown as PageWindow)

declare const document: unknown

/** What the function gives, or undefined when it throws: storage that is blocked throws at the first touch. */
export const attempt = <Value>(run: () => Value): Value | undefined => {
  try {
    return run()
  } catch {
    return undefined
  }
}
