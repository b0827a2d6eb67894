/**
 * The two naming rules that users of warehouses already know (warehouse contract, item 11). They differ, so the rule
 * is a setting of the destination: a table that another product began keeps its columns.
 */
export const namings = ['segment', 'rudderstack'] as const
export type Naming = (typeof namings)[number]

const segmentWord = /[A-Z0-9]+[a-z0-9]*|[a-z0-9]+/g
const letterRun = /[A-Za-z0-9]+/g
const rudderstackWord = /[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+[a-z]*/g

/** A word is a run of upper case and digits, then a run of lower case and digits; everything else separates. */
const segmentName = (name: string): string => (name.match(segmentWord) ?? []).join('_').toLowerCase()

/** Acronyms are words, digits stay with the letters before them, leading `_` stays, a leading digit gets `_`. */
const rudderstackName = (name: string): string => {
  const words = (name.match(letterRun) ?? []).flatMap((run) => run.match(rudderstackWord) ?? [])
  if (words.length === 0) return ''
  const leading = /^_*/.exec(name)?.[0] ?? ''
  const joined = words.join('_').toLowerCase()
  return leading === '' && /^\d/.test(joined) ? `_${joined}` : leading + joined
}

const rules: Record<Naming, (name: string) => string> = { segment: segmentName, rudderstack: rudderstackName }

/**
 * The snake_case form of a name; empty when nothing of it is a letter or digit.
 * @example snakeCase('segment', 'Order Completed') // 'order_completed'
 */
export const snakeCase = (naming: Naming, name: string): string => rules[naming](name)
