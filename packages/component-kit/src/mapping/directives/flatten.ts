import type { Json } from '@millrace/protocol'
import { objectOptions, own, requiredValue } from '../options.ts'
import { setOwn } from '../set-own.ts'
import type { Evaluate, Site } from '../site.ts'
import { missing } from '../site.ts'

/**
 * `{ "@flatten": { "value": …, "separator": "." } }`: an object of one level, its keys joined. Lists by index, unless
 * `omitArrays` leaves them whole. A value that is no object gets the key "".
 */
export function flatten(options: Json, site: Site): Evaluate {
  const given = objectOptions(options, site)
  if (given === undefined) return missing
  const evaluate = requiredValue(given, 'value', site)
  const separator = own(given, 'separator')
  if (typeof separator !== 'string') {
    return separator === undefined
      ? site.problem('needs "separator": a text such as "."')
      : site.at('separator').problem(`must be a text such as ".", but it is ${JSON.stringify(separator)}`)
  }
  if (separator === '') return site.at('separator').problem('must not be empty: write a text such as "."')
  const omitArrays = Boolean(own(given, 'omitArrays'))
  return (payload) => {
    const result: Record<string, unknown> = {}
    const collect = (value: unknown, key: string, isTop: boolean): void => {
      if (typeof value !== 'object' || value === null || (omitArrays && Array.isArray(value))) {
        if (value !== undefined || (site.keepsMissing && !isTop)) setOwn(result, key, value)
        return
      }
      for (const [part, child] of Object.entries(value)) collect(child, isTop ? part : key + separator + part, false)
    }
    collect(evaluate(payload), '', true)
    return result
  }
}
