/**
 * Values that name nobody, although clients send them: placeholders and programming mistakes. Linking them would join
 * strangers. The two lists are PostHog's refusals, with `-1` and values of only zeros and hyphens from Segment's advice.
 */
const ANY_CASE = new Set([
  'anonymous',
  'guest',
  'distinctid',
  'distinct_id',
  'id',
  'not_authenticated',
  'email',
  'undefined',
  'true',
  'false',
  'null',
  '-1',
])
const EXACT = new Set(['[object Object]', 'NaN', 'None', 'none', '0'])
const ZEROS_AND_HYPHENS = /^[0-]*$/

/** The built-in values are no longer than this, but for zeros and hyphens. */
const LONGEST = 17

/** Values longer than this are no identifiers: they would make keys of the store as long. */
export const MAX_IDENTIFIER_LENGTH = 512

/**
 * Whether a value may not take part in links.
 * @param value As it was sent; spaces and one pair of quotes around it do not make it another value.
 * @param extra Values that the user blocks as well, compared exactly.
 */
export const isBlocked = (value: string, extra: ReadonlySet<string>): boolean => {
  if (value.length > MAX_IDENTIFIER_LENGTH) return true
  const bare = unquoted(value.trim())
  if (extra.size > 0 && (extra.has(value) || extra.has(bare))) return true
  return (
    ZEROS_AND_HYPHENS.test(bare) || (bare.length <= LONGEST && (EXACT.has(bare) || ANY_CASE.has(bare.toLowerCase())))
  )
}

const unquoted = (value: string): string => {
  const first = value[0]
  const isQuoted = value.length > 1 && (first === '"' || first === "'") && value.at(-1) === first
  return isQuoted ? value.slice(1, -1).trim() : value
}
