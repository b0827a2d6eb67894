import type { PageEvent, PageStorage, PageWindow } from './dom.ts'

export interface FakeRequest {
  url: string
  keepalive: boolean
  /** Messages of the batch. */
  messages: { [field: string]: unknown }[]
}

export interface FakeAnswer {
  status: number
  retryAfter?: string
}

/** Storage that pages of one site share. */
export const createFakeStorage = (setItem?: () => never): PageStorage & { entries: Map<string, string> } => {
  const entries = new Map<string, string>()
  return {
    entries,
    get length() {
      return entries.size
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (key) => entries.get(key) ?? null,
    setItem: setItem ?? ((key, value) => void entries.set(key, value)),
    removeItem: (key) => void entries.delete(key),
  }
}

export interface FakePage {
  win: PageWindow
  requests: FakeRequest[]
  /** Cookies by name. */
  cookies: Map<string, string>
  /** What the server says from now on; undefined: nothing, the connection breaks. */
  answer: (answer: FakeAnswer | undefined) => void
  /** Requests get no answer any more. */
  hang: () => void
  fire: (type: string, event?: PageEvent) => void
  setVisible: (isVisible: boolean) => void
}

export interface FakePageOptions {
  storage?: PageStorage | (() => never)
  cookies?: Map<string, string>
  search?: string
  canonical?: string
}

/** A page whose time is that of the mocked timers of `node:test`. */
export const createFakePage = (options: FakePageOptions = {}): FakePage => {
  const { storage = createFakeStorage(), cookies = new Map<string, string>(), search = '', canonical } = options
  const requests: FakeRequest[] = []
  const listeners: [type: string, listener: (event: PageEvent) => void][] = []
  let given: FakeAnswer | undefined = { status: 200 }
  let isHung = false
  let visibilityState = 'visible'

  const addEventListener = (type: string, listener: (event: PageEvent) => void): void =>
    void listeners.push([type, listener])
  const win: PageWindow = {
    document: {
      get cookie() {
        return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      },
      set cookie(text) {
        const [name = '', value = ''] = (text.split(';')[0] ?? '').split('=')
        if (text.includes('max-age=0')) cookies.delete(name)
        else cookies.set(name, value)
      },
      title: 'Shop',
      referrer: 'https://search.example.net/',
      get visibilityState() {
        return visibilityState
      },
      querySelector: () =>
        canonical === undefined ? null : { getAttribute: () => canonical, addEventListener: () => undefined },
      addEventListener,
    },
    navigator: { userAgent: 'Fake/1.0', language: 'sv-SE' },
    location: {
      href: `https://shop.example.com/cart${search}#top`,
      origin: 'https://shop.example.com',
      hostname: 'shop.example.com',
      protocol: 'https:',
      pathname: '/cart',
      search,
    },
    get localStorage() {
      return typeof storage === 'function' ? storage() : storage
    },
    crypto: { randomUUID: () => crypto.randomUUID(), getRandomValues: (bytes) => bytes },
    fetch: (url, { body, keepalive }) => {
      const { batch } = JSON.parse(body) as { batch: FakeRequest['messages'] }
      requests.push({ url, keepalive, messages: batch })
      if (isHung) return new Promise(() => undefined)
      if (given === undefined) return Promise.reject(new TypeError('Failed to fetch'))
      const { status, retryAfter = null } = given
      return Promise.resolve({ status, headers: { get: () => retryAfter } })
    },
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
    addEventListener,
  }
  const fire: FakePage['fire'] = (type, event = {}) => {
    for (const [wanted, listener] of listeners) if (wanted === type) listener(event)
  }
  return {
    win,
    requests,
    cookies,
    answer: (answer) => {
      given = answer
    },
    hang: () => {
      isHung = true
    },
    fire,
    setVisible: (isVisible) => {
      visibilityState = isVisible ? 'visible' : 'hidden'
      fire('visibilitychange')
    },
  }
}

/** Promises that are resolved already run before it goes on. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
