import { attempt } from './dom.ts'
import type { PageWindow } from './dom.ts'

/** Where a call was made; taken at the call, because a page changes its address without loading. */
export interface PageContext {
  path: string
  referrer: string
  search: string
  title: string
  url: string
}

/** The canonical address wins over that of the location bar. */
export const pageContextOf = ({ document, location }: PageWindow): PageContext => {
  const { search, pathname, href } = location
  const canonical = document.querySelector('link[rel=canonical]')?.getAttribute('href') || undefined
  const url = canonical && attempt(() => new URL(canonical, href))
  return {
    path: url ? url.pathname : pathname,
    referrer: document.referrer,
    search,
    title: document.title,
    url: url ? url.href + (url.search ? '' : search) : href.replace(/#.*/, ''),
  }
}

/** `utm_*` of an address: `utm_campaign` is its name, the others keep theirs. Undefined when there is none. */
export const campaignOf = (search: string): { [name: string]: string } | undefined => {
  const campaign: { [name: string]: string } = {}
  for (const [key, value] of new URLSearchParams(search))
    if (/^utm_./.test(key)) campaign[key === 'utm_campaign' ? 'name' : key.slice(4)] = value
  return Object.keys(campaign).length > 0 ? campaign : undefined
}
