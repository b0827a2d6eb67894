import type { Json } from '@millrace/protocol'
import { choice, objectOptions, own } from '../options.ts'
import type { Evaluate, Site } from '../site.ts'
import { missing } from '../site.ts'

/** `{ "@json": { "mode": "encode", "value": … } }`: to JSON text and back. A text that is no JSON stays as it is. */
export function json(options: Json, site: Site): Evaluate {
  const given = objectOptions(options, site)
  if (given === undefined) return missing
  const mode = choice(given, 'mode', ['encode', 'decode'], site)
  const value = own(given, 'value')
  if (!value) return site.problem('needs "value": a directive, an object, a list, or a text, number or true')
  const evaluate = site.at('value', mode === 'decode' && site.keepsMissing).compile(value)
  return mode === 'encode' ? (payload) => JSON.stringify(evaluate(payload)) : (payload) => decode(evaluate(payload))
}

function decode(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
