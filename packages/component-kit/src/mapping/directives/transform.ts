import type { Json } from '@millrace/protocol'
import { isRecord, kindOf } from '../json-kind.ts'
import { objectOptions, requiredObject } from '../options.ts'
import type { Evaluate, Site } from '../site.ts'
import { missing } from '../site.ts'

/** `{ "@transform": { "apply": …, "mapping": … } }`: the result of the first mapping is the payload of the second. */
export function transform(options: Json, site: Site): Evaluate {
  const given = objectOptions(options, site)
  if (given === undefined) return missing
  const apply = requiredObject(given, 'apply', site.leavingOutMissing())
  const mapping = requiredObject(given, 'mapping', site)
  return (payload) => {
    if (!isRecord(payload)) return site.fail(`the payload must be an object, but it is ${kindOf(payload)}`)
    return mapping(apply(payload))
  }
}
