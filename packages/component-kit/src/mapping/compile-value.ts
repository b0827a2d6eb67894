import type { Json, JsonObject } from '@millrace/protocol'
import { directives } from './directives/registry.ts'
import { isDirective, isJsonObject } from './json-kind.ts'
import { nearestName } from '../nearest-name.ts'
import { setOwn } from './set-own.ts'
import type { Evaluate, Site } from './site.ts'

/** Compiles any part of a mapping: a directive, or a raw value whose children are compiled. */
export function compileValue(value: Json, site: Site): Evaluate {
  if (isDirective(value)) return compileDirective(value, site)
  if (Array.isArray(value)) return compileList(value, site)
  if (isJsonObject(value)) return compileObject(value, site)
  return () => value
}

function compileDirective(value: JsonObject, site: Site): Evaluate {
  // Editors keep notes of their own in _metadata.
  const keys = Object.keys(value).filter((key) => key !== '_metadata')
  const [name = ''] = keys
  if (keys.length > 1) {
    const others = keys.map((key) => JSON.stringify(key)).join(', ')
    return site.problem(`holds ${others}; a directive stands alone in its object, so nest one in another or split them`)
  }
  const directive = directives.get(name)
  if (directive !== undefined) return directive(value[name] ?? null, site.at(name))
  const nearest = nearestName(name, [...directives.keys()])
  const remedy =
    nearest === undefined ? `the directives are ${[...directives.keys()].join(', ')}` : `did you mean ${nearest}?`
  return site.problem(`has the unknown directive ${name}; ${remedy}`)
}

function compileList(value: readonly Json[], site: Site): Evaluate {
  const items = value.map((item, index) => site.at(index).compile(item))
  return (payload) => items.map((item) => item(payload))
}

function compileObject(value: JsonObject, site: Site): Evaluate {
  const keys = Object.keys(value)
  const values = keys.map((key) => site.at(key).compile(value[key] ?? null))
  const { keepsMissing } = site
  return (payload) => {
    const result: Record<string, unknown> = {}
    for (let index = 0; index < keys.length; index += 1) {
      const resolved = values[index]?.(payload)
      if (resolved !== undefined || keepsMissing) setOwn(result, keys[index] ?? '', resolved)
    }
    return result
  }
}
