import type { Json } from '@millrace/protocol'
import { objectOptions, optionalValue, own } from '../options.ts'
import type { Evaluate, Site } from '../site.ts'
import { missing } from '../site.ts'

/**
 * `{ "@if": { "exists": …, "then": …, "else": … } }`. `exists` holds for what is neither missing nor null; `blank`,
 * despite its name, for what is filled. Of both, `exists` counts. An `else` that is falsy as written gives missing.
 */
export function ifDirective(options: Json, site: Site): Evaluate {
  const given = objectOptions(options, site)
  if (given === undefined) return missing
  const then = optionalValue(given, 'then', site)
  const otherwise = optionalValue(given, 'else', site)
  const elseBranch = own(given, 'else') ? otherwise : missing
  for (const [key, holds] of conditions) {
    const value = own(given, key)
    if (!value) continue
    const evaluate = site.at(key, false).compile(value)
    return (payload) => (holds(evaluate(payload)) ? then(payload) : elseBranch(payload))
  }
  return site.problem('needs a condition: "exists" or "blank" with a directive')
}

const conditions: readonly (readonly [string, (value: unknown) => boolean])[] = [
  ['exists', (value) => value !== undefined && value !== null],
  ['blank', isFilled],
]

/** Neither missing nor null nor loosely equal to the empty text, as the host language compares. */
function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 1 || (value.length === 1 && !isEmptyInList(value[0]))
  return value !== undefined && value !== null && value !== '' && value !== 0 && value !== false
}

/** A list becomes text before it is compared: `[null]` and `[[""]]` are empty, `[0]` and `[false]` are not. */
function isEmptyInList(value: unknown): boolean {
  if (Array.isArray(value)) return !isFilled(value)
  return value === undefined || value === null || value === ''
}
