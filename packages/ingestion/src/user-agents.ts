import { UAParser } from 'ua-parser-js'
import type { ClientInfo } from '@millrace/storage'

const maxKept = 2000
/** Longer texts are no user agents, and patterns over them take long. */
const maxLength = 500

/** Names under which programs visit pages by themselves. */
const botPattern =
  /bot\b|bot\/|crawl|spider|slurp|headless|lighthouse|pingdom|uptime|monitor|preview|facebookexternalhit|phantomjs|puppeteer|playwright|selenium|scrapy|curl\/|wget\/|python-requests|go-http-client|okhttp-bot/i

/**
 * What user agents say, remembered for the 2,000 used last: reading one takes about 10 µs, and few differ. Equal texts
 * give the same object, so that a block stores it once.
 */
export class UserAgents {
  #recent = new Map<string, ClientInfo | undefined>()
  #older = new Map<string, ClientInfo | undefined>()
  #lastText: string | undefined
  #last: ClientInfo | undefined

  /** `undefined` when the text says nothing. */
  read(userAgent: string): ClientInfo | undefined {
    if (userAgent === this.#lastText) return this.#last
    const info = this.#find(userAgent)
    this.#lastText = userAgent
    this.#last = info
    return info
  }

  #find(userAgent: string): ClientInfo | undefined {
    if (userAgent === '' || userAgent.length > maxLength) return undefined
    if (this.#recent.has(userAgent)) return this.#recent.get(userAgent)
    const info = this.#older.has(userAgent) ? this.#older.get(userAgent) : parse(userAgent)
    // Two generations: what was not asked for during one is forgotten, at no cost per look-up.
    if (this.#recent.size >= maxKept / 2) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(userAgent, info)
    return info
  }
}

const parse = (userAgent: string): ClientInfo | undefined => {
  const parser = new UAParser(userAgent)
  const browser = parser.getBrowser()
  const os = parser.getOS()
  const device = parser.getDevice().type
  const info: ClientInfo = {}
  if (browser.name !== undefined) info.browser = browser.name
  if (browser.version !== undefined) info.browserVersion = browser.version
  if (os.name !== undefined) info.os = os.name
  if (os.version !== undefined) info.osVersion = os.version
  if (device !== undefined) info.device = device
  if (botPattern.test(userAgent)) info.bot = true
  return Object.keys(info).length === 0 ? undefined : info
}
