import { attempt } from './dom.ts'
import type { PageWindow } from './dom.ts'
import { campaignOf } from './page-context.ts'
import type { PageContext } from './page-context.ts'
import { version } from './version.ts'

/** What every message says about the page and the browser. */
export const contextOf = (win: PageWindow, page: PageContext): { [name: string]: unknown } => {
  const { navigator } = win
  return {
    page,
    userAgent: navigator.userAgent,
    locale: navigator.language,
    timezone: attempt(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
    campaign: campaignOf(page.search),
    library: { name: '@millrace/browser', version },
  }
}

/** What the small entry leaves out: the screen, and what the browser says of itself without being asked. */
export const describeBrowser = ({ navigator, screen, devicePixelRatio }: PageWindow): object => {
  const hints = navigator.userAgentData
  return {
    userAgentData: hints && { brands: hints.brands, mobile: hints.mobile, platform: hints.platform },
    screen: screen && { width: screen.width, height: screen.height, density: devicePixelRatio },
  }
}
