import { MillraceError } from '@millrace/protocol'

/** Fields that several routes have in their query. */
export const sourceField = {
  type: 'string',
  label: 'Source',
  description: 'Only what this source sent. All when absent.',
  example: 'web',
} as const

export const limitField = {
  type: 'integer',
  label: 'Limit',
  description: 'The most entries.',
  example: 50,
  minimum: 1,
  maximum: 1000,
  default: 100,
} as const

export const fromField = {
  type: 'string',
  label: 'From',
  description: 'A position that an answer gave: entries from there on. The newest when absent.',
  example: '4096:3',
} as const

/** @throws {MillraceError} `invalid_request` for a text that no answer gave as a position. */
export function checkPosition(position: string | undefined): void {
  if (position === undefined || /^\d{1,16}:\d{1,10}$/.test(position)) return
  throw new MillraceError('invalid_request', 'The parameter "from" is no position; take the "next" of an answer.', {
    errors: [{ path: 'from', reason: `must be like 4096:3, but it is ${JSON.stringify(position.slice(0, 40))}` }],
  })
}
