import type { RejectionCode } from './codes.ts'
import type { Json } from './json.ts'

/** Why one message is refused: its first problem. */
export interface Problem {
  code: RejectionCode
  /** Where in the message, dotted; empty for the message itself. */
  path: string
  /** What is wrong and what to do, for the developer of the client. */
  reason: string
}

const shownCharacters = 40

/** A value as an error message shows it: its type and, when short, itself. */
export function describeValue(value: Json | undefined): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'an object'
  if (typeof value !== 'string') return `the ${typeof value} ${value}`
  if (value === '') return 'an empty string'
  if (value.length <= shownCharacters) return `the string ${JSON.stringify(value)}`
  return `a string of ${value.length} characters`
}
