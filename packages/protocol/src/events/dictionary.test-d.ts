/** Checked by the compiler: what the dictionary promises as types. */

import type { PropertiesOf, StandardEventName } from './dictionary.ts'

export const order: PropertiesOf<'Order Completed'> = {
  order_id: 'o-1',
  total: 12.5,
  products: [{ product_id: 'p-1', price: 2, quantity: 3 }],
}
export const nothing: PropertiesOf<'Application Crashed'> = {}
export const live: PropertiesOf<'Video Playback Paused'> = { total_length: null, ad_type: 'mid-roll' }
export const search: PropertiesOf<'Products Searched'>[] = [{ query: 'tea' }, { query: { text: 'tea' } }]
export const quartile: PropertiesOf<'Video Ad Playing'> = { quartile: 2, content: { keywords: ['a'] } }
export const name: StandardEventName = 'Product Added to Wishlist'

// @ts-expect-error an amount is a number
export const wrongType: PropertiesOf<'Order Completed'> = { total: '12.50' }
// @ts-expect-error a price inside of a product is a number, too
export const wrongItem: PropertiesOf<'Order Completed'> = { products: [{ price: '2' }] }
// @ts-expect-error there is no fourth quartile
export const wrongChoice: PropertiesOf<'Video Ad Playing'> = { quartile: 4 }
// @ts-expect-error only nullable properties may be null
export const wrongNull: PropertiesOf<'Order Completed'> = { total: null }
// @ts-expect-error a search is text or an object
export const wrongSearch: PropertiesOf<'Products Searched'> = { query: 5 }
// @ts-expect-error an alias is not the canonical name
export const wrongName: StandardEventName = 'Viewed Product'
