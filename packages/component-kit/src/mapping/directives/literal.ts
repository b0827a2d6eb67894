import type { Json } from '@millrace/protocol'
import type { Evaluate, Site } from '../site.ts'

/** `{ "@literal": 0 }`: marks a constant. Directives within it are resolved all the same. */
export function literal(options: Json, site: Site): Evaluate {
  return site.compile(options)
}
