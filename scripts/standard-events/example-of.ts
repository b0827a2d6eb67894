import type { Json, JsonObject, PropertySpec, PropertySpecs, StandardEvent } from '@millrace/protocol'

/** An example of a standard event that has every property the dictionary describes, as an object literal of TypeScript. */
export const exampleOf = (event: StandardEvent): string => literal(valuesOf(event.properties))

/** The same as a value. */
export const valuesOf = (specs: PropertySpecs): JsonObject =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, valueOf(name, spec)]))

/** Values that a reader recognises; a property that is not listed gets one by its type. */
const known: { readonly [property: string]: Json } = {
  affiliation: 'Web shop',
  brand: 'Leaf & Co',
  build: '412',
  cart_id: 'cart-7',
  category: 'Tea',
  checkout_id: 'checkout-3',
  coupon: 'SPRING',
  currency: 'EUR',
  description: 'How tea is grown.',
  discount: 2.5,
  email: 'ada@example.com',
  first_name: 'Ada',
  image_url: 'https://shop.example.com/sencha.jpg',
  invitee_email: 'grace@example.com',
  invitee_first_name: 'Grace',
  invitee_last_name: 'Hopper',
  last_name: 'Lovelace',
  link_url: 'https://shop.example.com/spring',
  name: 'Sencha',
  order_id: 'order-1',
  payment_method: 'Visa',
  phone: '+44 20 7946 0000',
  price: 12.5,
  product_id: 'product-1',
  query: 'green tea',
  quantity: 2,
  rating: '5',
  recipient: 'grace@example.com',
  referring_application: 'com.example.mail',
  revenue: 22.5,
  role: 'member',
  shipping: 4.5,
  sku: 'SENCHA-100',
  subtotal: 22.5,
  tax: 1.9,
  title: 'From Leaf to Cup',
  total: 28.9,
  total_length: 1800,
  trial_end_date: '2026-03-16T00:00:00Z',
  trial_start_date: '2026-03-02T00:00:00Z',
  url: 'https://shop.example.com/sencha',
  username: 'ada',
  value: 22.5,
  variant: '100 g',
  version: '2.4.1',
}

const valueOf = (name: string, spec: PropertySpec): Json => {
  if (spec.choices?.[0] !== undefined) return spec.choices[0]
  if (spec.properties !== undefined)
    return spec.type === 'array' ? [valuesOf(spec.properties)] : valuesOf(spec.properties)
  const value = known[name]
  if (spec.type === 'number' || spec.type === 'integer') return typeof value === 'number' ? value : 1
  if (spec.type === 'boolean') return true
  if (spec.type === 'datetime') return typeof value === 'string' ? value : '2026-03-02T09:30:00Z'
  if (spec.type === 'url') return typeof value === 'string' ? value : 'https://shop.example.com/'
  if (spec.type === 'object') return { key: 'value' }
  if (spec.type === 'array') return [textFor(name.replace(/s$/, ''))]
  return typeof value === 'string' ? value : textFor(name)
}

/** `session_id` → `session-1`; another text says what it is. */
const textFor = (name: string): string =>
  name.endsWith('_id') ? `${name.slice(0, -3).replaceAll('_', '-')}-1` : name.replaceAll('_', ' ')

const literal = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'string') return `'${value}'`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([name, item]) => `${name}: ${literal(item)}`)
  return entries.length === 0 ? '' : `{ ${entries.join(', ')} }`
}
