import type { FieldProblem, FieldsParser } from './field-problem.ts'
import type { Fields, Infer } from './fields.ts'

const notYet: FieldProblem = { path: '', message: 'not compiled yet' }

/**
 * Compiles the check of settings: fills in defaults, refuses unknown names (suggesting the nearest), converts nothing.
 */
export function compileFields<const F extends Fields>(_fields: F): FieldsParser<Infer<F>> {
  return { parse: () => ({ problems: [notYet] }) }
}

/** Compiles the check of mapped payloads, before they are delivered. */
export function checkPayload<const F extends Fields>(_fields: F): FieldsParser<Infer<F>> {
  return { parse: () => ({ problems: [notYet] }) }
}
