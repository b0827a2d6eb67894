/** Checked by the compiler: types that are read off property specs. */

import { defineProperties } from './property.ts'
import type { InferProperties } from './property.ts'

const specs = defineProperties({
  id: { type: 'string', description: 'Id.', required: true },
  size: { type: 'number', accepts: ['string', 'boolean'], description: 'Size.' },
  tags: { type: 'array', itemType: 'string', description: 'Tags.' },
  owner: {
    type: 'object',
    description: 'Owner.',
    properties: { name: { type: 'string', description: 'Name.', required: true } },
  },
})
type Thing = InferProperties<typeof specs>

export const things: Thing[] = [
  { id: 'a' },
  { id: 'a', size: true, tags: ['b'], owner: { name: 'c' } },
  { id: 'a', size: '5' },
]

// @ts-expect-error a required property is required
export const withoutId: Thing = { size: 1 }
// @ts-expect-error also inside of an object
export const withoutName: Thing = { id: 'a', owner: {} }
// @ts-expect-error items have the declared type
export const wrongTags: Thing = { id: 'a', tags: [1] }
// @ts-expect-error types are a closed list
defineProperties({ id: { type: 'text', description: 'Id.' } })
