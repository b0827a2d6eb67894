import { defineProperties } from '../property.ts'

/** Properties of a page message that have a fixed meaning. */
export const pageProperties = defineProperties({
  name: { type: 'string', description: 'Name of the page.' },
  path: { type: 'string', description: 'Path of the address.', collectedBy: ['analytics.js'] },
  referrer: { type: 'url', description: 'Address of the page before.', collectedBy: ['analytics.js'] },
  search: { type: 'string', description: 'Query of the address.', collectedBy: ['analytics.js'] },
  title: { type: 'string', description: 'Title of the page.', collectedBy: ['analytics.js'] },
  url: { type: 'url', description: 'Full address, without hash.', collectedBy: ['analytics.js'] },
  keywords: { type: 'array', description: 'Keywords of the page.', itemType: 'string' },
  category: { type: 'string', description: 'Category of the page.', collectedBy: ['analytics.js'] },
})

/** Properties of a screen message that have a fixed meaning. */
export const screenProperties = defineProperties({
  name: { type: 'string', description: 'Name of the screen.' },
})

/** Properties that have a fixed meaning in every track message. */
export const trackProperties = defineProperties({
  revenue: { type: 'number', description: 'Income from the event.' },
  currency: { type: 'string', description: 'Currency of the income, by ISO 4217; US dollars when absent.' },
  value: { type: 'number', description: 'Worth of an event without income.' },
})
