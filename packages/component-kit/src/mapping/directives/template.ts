import type { Json } from '@millrace/protocol'
import { textOption } from '../options.ts'
import type { Evaluate, Site } from '../site.ts'
import { compileTemplate } from '../template.ts'

/** `{ "@template": "Order {{properties.order_id}}" }`: a text with the values at some paths. */
export function template(options: Json, site: Site): Evaluate {
  return textOption(options, site, compileTemplate)
}
