import { parseIsoTime } from '@millrace/protocol'
import type { FieldProblem } from './field-problem.ts'
import type { FieldSpec } from './fields.ts'
import { nearestName } from './nearest-name.ts'

/**
 * Checks one value and gives the value to use, or undefined after noting a problem.
 * `problems` is added to; the value is not changed.
 */
export type ValueCheck = (value: unknown, path: string, problems: FieldProblem[]) => unknown

export interface ValueCheckOptions {
  /** A number becomes text where a field is text: mapped messages carry ids in both types. */
  numbersToText: boolean
}

/** Compiles the check of a field's value; the value is neither missing nor (except for `any`) null. */
export function compileValueCheck(spec: FieldSpec, options: ValueCheckOptions): ValueCheck {
  const check = compileScalarCheck(spec, options)
  if (spec.many !== true) return check
  return (value, path, problems) => {
    if (!Array.isArray(value)) return wrong(problems, path, 'a list', spec, value)
    return value.map((item: unknown, index) => check(item, `${path}.${index}`, problems))
  }
}

function compileScalarCheck(spec: FieldSpec, { numbersToText }: ValueCheckOptions): ValueCheck {
  const { expected, accepts } = kinds[spec.type]
  const isText = spec.type === 'string' || spec.type === 'secret'
  return (value, path, problems) => {
    const given = numbersToText && isText && typeof value === 'number' && Number.isFinite(value) ? String(value) : value
    if (!accepts(given)) return wrong(problems, path, expected, spec, value)
    const limit = typeof given === 'number' ? rangeProblem(given, spec) : choiceProblem(given, spec)
    if (limit !== undefined) problems.push({ path, message: limit })
    return given
  }
}

const kinds: { readonly [T in FieldSpec['type']]: { expected: string; accepts: (value: unknown) => boolean } } = {
  string: { expected: 'a string', accepts: (value) => typeof value === 'string' },
  secret: { expected: 'a string', accepts: (value) => typeof value === 'string' },
  integer: { expected: 'a whole number', accepts: (value) => Number.isSafeInteger(value) },
  number: { expected: 'a number', accepts: (value) => Number.isFinite(value) },
  boolean: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  datetime: {
    expected: 'an ISO 8601 date or time, such as "2026-01-02T03:04:05Z"',
    accepts: (value) => !Number.isNaN(parseIsoTime(value)),
  },
  object: {
    expected: 'an object',
    accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  },
  any: { expected: 'a JSON value', accepts: (value) => value !== undefined },
}

function rangeProblem(value: number, { minimum, maximum }: FieldSpec): string | undefined {
  if (minimum !== undefined && value < minimum) return `must be at least ${minimum}, but it is ${value}`
  if (maximum !== undefined && value > maximum) return `must be at most ${maximum}, but it is ${value}`
  return undefined
}

function choiceProblem(value: unknown, { choices }: FieldSpec): string | undefined {
  if (choices === undefined || typeof value !== 'string' || choices.includes(value)) return undefined
  const nearest = nearestName(value, choices)
  const suggestion = nearest === undefined ? '' : `; did you mean "${nearest}"?`
  return `must be one of ${choices.join(', ')}, but it is ${JSON.stringify(value)}${suggestion}`
}

function wrong(problems: FieldProblem[], path: string, expected: string, spec: FieldSpec, value: unknown): undefined {
  problems.push({ path, message: `must be ${expected}, but it is ${shown(value, spec)}` })
}

/** Long enough to recognize the value, short enough for a log line. */
const maxShownCharacters = 60

/** A value for a message; of a secret only its kind. */
function shown(value: unknown, { type }: FieldSpec): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (type === 'secret') return `a ${typeof value}`
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return `a ${typeof value}`
  const cut = value.length > maxShownCharacters ? `${value.slice(0, maxShownCharacters)}…` : value
  return JSON.stringify(cut.toWellFormed())
}
