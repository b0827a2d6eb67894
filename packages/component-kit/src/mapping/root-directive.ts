import type { Json, JsonObject } from '@millrace/protocol'
import { isJsonObject } from './json-kind.ts'
import type { Site } from './site.ts'

const rootKey = '__segment_internal_directive'

/**
 * Written by one vendor's own tools: the one directive under the reserved key at the top takes the other keys as its
 * `mapping` option. Gives the mapping that says the same in the ordinary way, as a copy.
 */
export function expandRootDirective(mapping: JsonObject, site: Site): JsonObject {
  if (!Object.hasOwn(mapping, rootKey)) return mapping
  const { [rootKey]: root, ...rest } = mapping
  const names: string[] = isJsonObject(root) ? Object.keys(root) : []
  const [name = ''] = names
  const options: Json = (isJsonObject(root) ? root[name] : undefined) ?? null
  if (names.length !== 1 || !isJsonObject(options)) {
    site.at(rootKey).problem('must hold exactly one directive, and its options must be an object')
    return {}
  }
  return { [name]: { ...options, mapping: rest } }
}
