import { isJsonObject, parseIsoTime, type Json, type JsonObject } from '@millrace/protocol'

/** Customer.io's times are seconds since 1970; a text of ISO 8601 is only a text to it. */

/** What counts as a time among attributes: narrower than what `parseIsoTime` reads, for attributes hold other texts, too. */
const isoTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

/**
 * The time of an operation in seconds. Fractions are cut off; without a zone it is UTC. What is no time, purely
 * numeric texts included (they are in seconds already), stays as it is.
 */
export function toSeconds(text: string): string | number {
  const timeMs = parseIsoTime(text)
  return Number.isNaN(timeMs) ? text : Math.floor(timeMs / 1000)
}

/**
 * A copy of the attributes with every text that is an ISO 8601 date or time as seconds, also in objects within; texts
 * in lists stay as they are.
 */
export function convertTimes(attributes: JsonObject): JsonObject {
  // fromEntries makes own properties of any name, `__proto__` too.
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, convertValue(value)]))
}

function convertValue(value: Json): Json {
  if (typeof value === 'string') return isoTime.test(value) ? toSeconds(value) : value
  return isJsonObject(value) ? convertTimes(value) : value
}
