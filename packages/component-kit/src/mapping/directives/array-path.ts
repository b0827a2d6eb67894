import type { Json } from '@millrace/protocol'
import { isDirective, isJsonObject, kindOf } from '../json-kind.ts'
import { compilePath, withoutRoot } from '../path.ts'
import type { Evaluate, Site } from '../site.ts'

/**
 * `{ "@arrayPath": ["$.properties.products", { "sku": { "@path": "$.sku" } }] }`: each item of a list reshaped, with the
 * item as the payload. An object is a list of one. In the place of the path a directive may give the list itself.
 */
export function arrayPath(options: Json, site: Site): Evaluate {
  if (!Array.isArray(options)) return site.problem(`must be a list of a path and a shape, but it is ${kindOf(options)}`)
  const [path = null, shape = null] = options
  const read = compileList(path, site.at(0))
  // A shape that is not used is compiled too, so that its problems are found.
  const reshape = site.at(1).compile(shape)
  if (!isJsonObject(shape) || Object.keys(shape).length === 0) return read
  return (payload) => {
    const value = read(payload)
    if (typeof value !== 'object' || value === null) return value
    return Array.isArray(value) ? value.map((item) => reshape(item)) : [reshape(value)]
  }
}

function compileList(path: Json, site: Site): Evaluate {
  if (typeof path === 'string') return compilePath(withoutRoot(path))
  return isDirective(path)
    ? site.compile(path)
    : site.problem(`must be a path or a directive, but it is ${path === null ? 'missing or null' : kindOf(path)}`)
}
