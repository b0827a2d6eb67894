import type { Json, JsonObject } from '@millrace/protocol'
import { isDirective, isJsonObject, kindOf } from './json-kind.ts'
import type { Evaluate, Site } from './site.ts'
import { missing } from './site.ts'

/** The options of a directive, if they are an object; else notes the problem. */
export function objectOptions(options: Json, site: Site): JsonObject | undefined {
  if (isJsonObject(options) && !isDirective(options)) return options
  site.problem(`must be an object with options, but it is ${isDirective(options) ? 'a directive' : kindOf(options)}`)
  return undefined
}

/** A required option that is a value of any kind. */
export function requiredValue(options: JsonObject, key: string, site: Site): Evaluate {
  const value = own(options, key)
  return value === undefined ? site.problem(`needs "${key}"`) : site.at(key).compile(value)
}

/** A required option that is an object or a directive. */
export function requiredObject(options: JsonObject, key: string, site: Site): Evaluate {
  const value = own(options, key)
  if (value !== undefined && !isJsonObject(value)) {
    return site.at(key).problem(`must be an object or a directive, but it is ${kindOf(value)}`)
  }
  return requiredValue(options, key, site)
}

/**
 * An option that is a text or a directive that gives one. The compiler of the text runs once for a text, and for
 * each payload for a directive.
 */
export function textOption(value: Json, site: Site, compileText: (text: string) => Evaluate): Evaluate {
  if (typeof value === 'string') return compileText(value)
  if (!isDirective(value)) return site.problem(`must be a string or a directive, but it is ${kindOf(value)}`)
  const resolve = site.compile(value)
  return (payload) => {
    const text = resolve(payload)
    if (typeof text !== 'string') return site.fail(`must give a string, but for this payload it is ${kindOf(text)}`)
    return compileText(text)(payload)
  }
}

/** An option that is one of some words; undefined after noting a problem. */
export function choice<const C extends string>(
  options: JsonObject,
  key: string,
  choices: readonly C[],
  site: Site,
): C | undefined {
  const value = own(options, key)
  const found = choices.find((known) => known === value)
  const list = choices.map((known) => `"${known}"`).join(' or ')
  if (value === undefined) site.problem(`needs "${key}": ${list}`)
  else if (found === undefined) site.at(key).problem(`must be ${list}, but it is ${JSON.stringify(value)}`)
  return found
}

/** An optional option that is true or false. */
export function flag(options: JsonObject, key: string, fallback: boolean, site: Site): boolean {
  const value = own(options, key) ?? undefined
  if (typeof value === 'boolean') return value
  if (Object.hasOwn(options, key)) site.at(key).problem(`must be true or false, but it is ${kindOf(options[key])}`)
  return fallback
}

/** A text of bounded length; undefined if it is absent (or after noting a problem). */
export function shortText(
  options: JsonObject,
  key: string,
  { minimum, maximum }: { minimum: number; maximum: number },
  site: Site,
): string | undefined {
  const value = own(options, key)
  if (value === undefined) return undefined
  if (typeof value === 'string' && value.length >= minimum && value.length <= maximum) return value
  const found = typeof value === 'string' ? `it has ${value.length}` : `it is ${kindOf(value)}`
  site.at(key).problem(`must be a string of ${minimum} to ${maximum} characters, but ${found}`)
  return undefined
}

/** A branch that need not be written. */
export function optionalValue(options: JsonObject, key: string, site: Site): Evaluate {
  const value = own(options, key)
  return value === undefined ? missing : site.at(key).compile(value)
}

/** An option as written; undefined if it is absent. */
export function own(options: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(options, key) ? options[key] : undefined
}
