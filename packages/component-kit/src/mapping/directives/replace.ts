import type { Json, JsonObject } from '@millrace/protocol'
import { isDirective, kindOf } from '../json-kind.ts'
import { flag, objectOptions, own, shortText } from '../options.ts'
import type { Evaluate, Site } from '../site.ts'
import { missing } from '../site.ts'

/**
 * `{ "@replace": { "value": …, "pattern": "-", "replacement": "_" } }`: plain text for plain text, up to two pairs.
 * In a replacement `$$` is one `$` and `$&` the match, as in the host language. What is no text, number or boolean
 * gives the empty text.
 */
export function replace(options: Json, site: Site): Evaluate {
  const given = objectOptions(options, site)
  if (given === undefined) return missing
  const flags = `${flag(given, 'global', true, site) ? 'g' : ''}${flag(given, 'ignorecase', false, site) ? 'i' : ''}`
  const first = readPair(given, '', flags, site)
  const second = readPair(given, '2', flags, site)
  if (own(given, 'pattern') === undefined) site.problem('needs "pattern"')
  const value = own(given, 'value')
  if (value === undefined) return site.problem('needs "value"')
  if (value === '') return missing
  if (!isDirective(value) && typeof value === 'object') {
    return site.at('value').problem(`must be a text or a directive, but it is ${kindOf(value)}`)
  }
  const evaluate = site.at('value', false).compile(value)
  return (payload) => {
    const resolved = evaluate(payload)
    if (typeof resolved !== 'string' && typeof resolved !== 'number' && typeof resolved !== 'boolean') return ''
    return second(first(String(resolved)))
  }
}

/** One pattern with its replacement; without a pattern the text stays. */
function readPair(options: JsonObject, suffix: string, flags: string, site: Site): (text: string) => string {
  const pattern = shortText(options, `pattern${suffix}`, { minimum: 1, maximum: 10 }, site)
  const replacement = shortText(options, `replacement${suffix}`, { minimum: 0, maximum: 10 }, site) ?? ''
  if (pattern === undefined) return (text) => text
  const expression = new RegExp(pattern.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`), flags)
  return (text) => text.replace(expression, replacement)
}
