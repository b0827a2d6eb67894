import type { Json } from '@millrace/protocol'
import { isRecord } from '../json-kind.ts'
import { setOwn } from '../set-own.ts'
import type { Evaluate, Site } from '../site.ts'

/** `{ "@excludeWhenNull": … }`: null becomes missing, in objects at any depth. Lists are not searched. */
export function excludeWhenNull(options: Json, site: Site): Evaluate {
  const evaluate = site.compile(options)
  const exclude = (value: unknown): unknown => {
    if (value === null) return undefined
    if (!isRecord(value)) return value
    const result: Record<string, unknown> = {}
    for (const key of Object.keys(value)) {
      const child = exclude(value[key])
      if (child !== undefined || site.keepsMissing) setOwn(result, key, child)
    }
    return result
  }
  return (payload) => exclude(evaluate(payload))
}
