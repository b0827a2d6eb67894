import { violationsOf } from '@millrace/protocol'
import type { JsonObject, StandardEvent, Violation } from '@millrace/protocol'
import { compileExpected } from './expected-properties.ts'
import type { ExpectedObject } from './expected-properties.ts'
import { followsObject, inDoubt } from './follows-properties.ts'
import { openObject } from './skim-json.ts'
import { valueAt } from './skim-object.ts'

/**
 * How the properties at `[start, end)` differ from their standard event; `start` is -1 where there are none. The bytes must
 * be valid JSON.
 *
 * Nearly all messages follow the dictionary, so they are compared as bytes, and only what is in doubt is parsed and looked at
 * by `violationsOf`, which decides.
 */
export const checkProperties = (
  event: StandardEvent,
  body: Buffer,
  start: number,
  end: number,
): readonly Violation[] => {
  const expected = expectedOf(event)
  if (start === -1 || body[start] !== openObject) return expected === undefined ? violationsOf(event, undefined) : none
  if (expected !== undefined && followsObject(body, start, expected) !== inDoubt) return none
  return violationsOf(event, valueAt(body, start, end) as JsonObject)
}

/**
 * The place behind properties that certainly are JSON and certainly violate nothing, else -1. This passes over them as
 * skimming would, so checking costs little where the event is named before its properties.
 *
 * Measured on an order of two products (508 bytes): 0.3 µs more than skimming. A second pass takes 0.9 µs, parsing and
 * `violationsOf` 3.3 µs.
 */
export const skimStandard = (event: StandardEvent, body: Buffer, start: number): number => {
  const expected = expectedOf(event)
  return expected === undefined || body[start] !== openObject ? inDoubt : followsObject(body, start, expected)
}

const none: readonly Violation[] = []

const compiled = new Map<StandardEvent, ExpectedObject | undefined>()
const expectedOf = (event: StandardEvent): ExpectedObject | undefined => {
  let expected = compiled.get(event)
  if (expected === undefined && !compiled.has(event)) {
    expected = compileExpected(event.properties)
    compiled.set(event, expected)
  }
  return expected
}
