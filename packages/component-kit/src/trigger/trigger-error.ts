/**
 * A trigger that cannot be compiled. The message names what was found, where, and what to write instead.
 * The person who wrote the trigger reacts; a trigger that is invalid at run time never matches.
 */
export class TriggerError extends Error {
  /** Index of the first character of the problem in the trigger's text, in UTF-16 units, from 0. */
  readonly position: number

  constructor(problem: string, position: number) {
    super(`${problem} (at position ${position})`)
    this.name = 'TriggerError'
    this.position = position
  }
}
