import { isJsonObject } from '@millrace/protocol'
import type { Json, JsonObject, Message } from '@millrace/protocol'
import { comparedFields } from './exported-message.ts'
import type { ExportedMessage } from './exported-message.ts'

/** One place in which two copies of a message differ. A side that is absent does not have it. */
export interface Difference {
  /** As in `properties.plan`. */
  path: string
  there?: Json
  here?: Json
}

const ids = new Set<string>(['userId', 'anonymousId', 'groupId', 'previousId'])

/**
 * Where the exported message and Millrace's differ. Ids are compared as texts, times with a tolerance in milliseconds, what
 * is null or empty at the top as absent, the rest as JSON whatever the order of its keys. Context is not compared: each
 * system adds to it.
 */
export function differencesOf(exported: ExportedMessage, message: Message, timestampToleranceMs: number): Difference[] {
  const found: Difference[] = []
  for (const field of comparedFields) {
    const there = meant(field, exported.fields[field])
    const here = meant(field, message[field])
    if (there === undefined && !exported.isComplete) continue
    // A raw message of a client has no time when its client sent none.
    if (field === 'timestamp' && (there === undefined || isSameTime(there, here, timestampToleranceMs))) continue
    collect(field, there, here, found)
  }
  return found
}

/** A value of a field as it is compared. */
export function meant(field: string, value: Json | undefined): Json | undefined {
  if (value === null || value === undefined) return undefined
  if (isJsonObject(value) && Object.keys(value).length === 0) return undefined
  return ids.has(field) && typeof value === 'number' ? String(value) : value
}

function isSameTime(there: Json, here: Json | undefined, toleranceMs: number): boolean {
  if (typeof there !== 'string' || typeof here !== 'string') return false
  return Math.abs(readTime(there) - readTime(here)) <= toleranceMs
}

/** In milliseconds since 1970; NaN for what is no time. Warehouses print times with a space and without a zone, which is UTC. */
export const readTime = (text: string): number => {
  const iso = text.replace(' UTC', 'Z').replace(/^(\d{4}-\d\d-\d\d) /, '$1T')
  return Date.parse(/(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(iso) ? iso.replace(/([+-]\d\d)$/, '$1:00') : `${iso}Z`)
}

function collect(path: string, there: Json | undefined, here: Json | undefined, found: Difference[]): void {
  if (there === here) return
  if (isJsonObject(there) && isJsonObject(here)) {
    for (const key of new Set([...Object.keys(there), ...Object.keys(here)])) {
      collect(`${path}.${key}`, own(there, key), own(here, key), found)
    }
    return
  }
  if (Array.isArray(there) && Array.isArray(here) && there.length === here.length) {
    for (const [index, item] of there.entries()) collect(`${path}[${index}]`, item, here[index], found)
    return
  }
  found.push({ path, ...(there !== undefined && { there }), ...(here !== undefined && { here }) })
}

/** `__proto__` is an ordinary key of a message. */
const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined
