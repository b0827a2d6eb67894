import type { Json } from '@millrace/protocol'
import { isJsonObject, kindOf } from '../json-kind.ts'
import { choice, objectOptions, own } from '../options.ts'
import { setOwn } from '../set-own.ts'
import type { Evaluate, Site } from '../site.ts'
import { missing } from '../site.ts'
import { withoutMissing } from '../without-missing.ts'

/**
 * `{ "@merge": { "direction": "right", "objects": [ … ] } }`: a shallow merge; `right`: the later entry wins, `left`:
 * the earlier one. A key without a value overwrites, too.
 */
export function merge(options: Json, site: Site): Evaluate {
  const given = objectOptions(options, site)
  if (given === undefined) return missing
  const direction = choice(given, 'direction', ['right', 'left'], site)
  const objects = own(given, 'objects')
  if (objects === undefined) return site.problem('needs "objects": a list of objects and directives')
  const listSite = site.at('objects', true)
  if (!Array.isArray(objects)) {
    return listSite.problem(`must be a list of objects and directives, but it is ${kindOf(objects)}`)
  }
  const entries = objects.map((entry, index) => compileEntry(entry, listSite.at(index)))
  const ordered = direction === 'left' ? entries.toReversed() : entries
  return (payload) => {
    const result: Record<string, unknown> = {}
    for (const entry of ordered) assign(result, entry(payload))
    return site.keepsMissing ? result : withoutMissing(result)
  }
}

function compileEntry(entry: Json, site: Site): Evaluate {
  if (isJsonObject(entry)) return site.compile(entry)
  return site.problem(`must be an object or a directive, but it is ${kindOf(entry)}`)
}

/** Texts and lists add their indexes as keys; other scalars have none. */
function assign(result: Record<string, unknown>, value: unknown): void {
  if (value === undefined || value === null) return
  for (const [key, child] of Object.entries(value)) setOwn(result, key, child)
}
