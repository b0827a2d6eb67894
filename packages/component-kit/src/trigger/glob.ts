/**
 * A pattern for a whole text, case-sensitive: `*` any characters, also none; `?` one character; `[abc]` one of them;
 * `[a-z]` a range; `\x` the character x itself. A character is a Unicode code point.
 */
export interface Glob {
  test: (text: string) => boolean
}

/** One character of the text. */
type Matcher = (codePoint: number) => boolean

/** Compiles a pattern; a pattern that has no clear meaning gives the problem and its remedy instead. */
export function compileGlob(pattern: string): Glob | { problem: string } {
  const simple = compileSimple(pattern)
  if (simple !== undefined) return simple
  const steps: (Matcher | 'star')[] = []
  const characters = Array.from(pattern)
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? ''
    if (character === '*') {
      if (steps.at(-1) !== 'star') steps.push('star')
    } else if (character === '?') {
      steps.push(() => true)
    } else if (character === '[') {
      const set = readSet(characters, index)
      if ('problem' in set) return set
      steps.push(set.matcher)
      index = set.end
    } else {
      if (character === '\\') index += 1
      const literal = characters[index]?.codePointAt(0)
      if (literal === undefined)
        return { problem: 'The pattern ends with a backslash: write \\\\ for the character itself' }
      steps.push((codePoint) => codePoint === literal)
    }
  }
  return { test: (text) => testSteps(steps, text) }
}

/** `abc`, `abc*`, `*abc`, `*abc*`: all that editors generate, without a walk over the characters. */
function compileSimple(pattern: string): Glob | undefined {
  const atStart = pattern.startsWith('*')
  const atEnd = pattern.length > 1 && pattern.endsWith('*')
  const text = pattern.slice(atStart ? 1 : 0, atEnd ? -1 : undefined)
  if (/[*?[\\]/.test(text)) return undefined
  if (atStart && atEnd) return { test: (value) => value.includes(text) }
  if (atStart) return { test: (value) => value.endsWith(text) }
  if (atEnd) return { test: (value) => value.startsWith(text) }
  return { test: (value) => value === text }
}

/** Reads `[…]` at `start`; `end` is the index of its closing bracket. */
function readSet(
  characters: readonly string[],
  start: number,
): { matcher: Matcher; end: number } | { problem: string } {
  const ranges: [number, number][] = []
  let index = start + 1
  if (characters[index] === '!' || characters[index] === '^') {
    return { problem: 'A set cannot be negated: use !match, or put a backslash before the first character of the set' }
  }
  const read = (): number | undefined => {
    if (characters[index] === '\\') index += 1
    const codePoint = characters[index]?.codePointAt(0)
    index += 1
    return codePoint
  }
  while (index < characters.length && characters[index] !== ']') {
    const from = read()
    let to = from
    if (characters[index] === '-' && characters[index + 1] !== ']') {
      index += 1
      to = read()
    }
    if (from === undefined || to === undefined) break
    if (to < from) return { problem: 'A range in [ ] runs backwards: swap its ends' }
    ranges.push([from, to])
  }
  if (index >= characters.length)
    return { problem: 'A set in the pattern has no end: add ], or write \\[ for the character' }
  if (ranges.length === 0) return { problem: 'A set in the pattern is empty: write the characters between [ and ]' }
  return { matcher: (codePoint) => ranges.some(([from, to]) => from <= codePoint && codePoint <= to), end: index }
}

/**
 * Greedy walk that returns to the last star only: of several stars an earlier one never needs to take more. At worst
 * text times pattern, never exponential, which a regular expression made from user input would not promise.
 */
function testSteps(steps: readonly (Matcher | 'star')[], text: string): boolean {
  let position = 0
  let step = 0
  let starStep = -1
  let starPosition = 0
  while (position < text.length) {
    const current = steps[step]
    const codePoint = text.codePointAt(position) ?? 0
    if (current === 'star') {
      starStep = step
      starPosition = position
      step += 1
    } else if (current?.(codePoint) === true) {
      position += width(codePoint)
      step += 1
    } else if (starStep >= 0) {
      starPosition += width(text.codePointAt(starPosition) ?? 0)
      position = starPosition
      step = starStep + 1
    } else {
      return false
    }
  }
  while (steps[step] === 'star') step += 1
  return step === steps.length
}

/** UTF-16 units that a code point takes. */
function width(codePoint: number): number {
  return codePoint > 0xff_ff ? 2 : 1
}
