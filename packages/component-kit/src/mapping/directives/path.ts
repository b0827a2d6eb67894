import type { Json } from '@millrace/protocol'
import { textOption } from '../options.ts'
import { compilePath, withoutRoot } from '../path.ts'
import type { Evaluate, Site } from '../site.ts'

/** `{ "@path": "$.properties.total" }`: the value at a path. */
export function path(options: Json, site: Site): Evaluate {
  return textOption(options, site, (text) => compilePath(withoutRoot(text)))
}
