import type { Json } from '@millrace/protocol'
import { isDirective, kindOf } from '../json-kind.ts'
import { objectOptions, own } from '../options.ts'
import type { Evaluate, Site } from '../site.ts'
import { missing } from '../site.ts'

/** `{ "@case": { "operator": "lower", "value": … } }`: a text in lower or upper case; other values unchanged. */
export function caseDirective(options: Json, site: Site): Evaluate {
  const given = objectOptions(options, site)
  if (given === undefined) return missing
  const operator = own(given, 'operator')
  if (typeof operator !== 'string' || operator === '') return site.problem('needs "operator": "lower" or "upper"')
  const value = own(given, 'value')
  if (value === undefined || value === '') return missing
  const valueSite = site.at('value')
  if (typeof value !== 'string' && !isDirective(value)) {
    return valueSite.problem(`must be a string or a directive, but it is ${kindOf(value)}`)
  }
  const evaluate = valueSite.compile(value)
  return (payload) => {
    const resolved = evaluate(payload)
    if (typeof resolved !== 'string') return resolved
    if (operator === 'lower') return resolved.toLowerCase()
    if (operator === 'upper') return resolved.toUpperCase()
    // Not at compile time: stored mappings with another operator work as long as the value is no text.
    return site.at('operator').fail(`must be "lower" or "upper", but it is ${JSON.stringify(operator)}`)
  }
}
