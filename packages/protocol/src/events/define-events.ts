import type { PropertySpecs, Vendor } from '../property.ts'

/** What the dictionary says of one standard event; its canonical name is its key. */
export interface EventSpec {
  description: string
  /** Other names of it. Spellings that differ in case and separators alone need no mention, see `standardEventOf`. */
  aliases?: readonly string[]
  properties: PropertySpecs
  /** What it carries in `context`, by path below it. */
  context?: PropertySpecs
  /** Vendors whose documentation has it; absent when all have. */
  documentedBy?: readonly Vendor[]
  /** Mobile libraries that send it by themselves. */
  collectedBy?: readonly string[]
}

/**
 * Declares the standard events of a category and keeps their literal types.
 *
 * @example
 * defineEvents({
 *   'Signed In': { description: 'A user logged in.', properties: { username: { type: 'string', description: 'Login name.' } } },
 * })
 */
export const defineEvents = <const E extends { readonly [name: string]: EventSpec }>(events: E): E => events
