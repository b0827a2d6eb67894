import type { Json } from '@millrace/protocol'
import type { ValueCheck, ValueCheckOptions } from './check-value.ts'
import { compileValueCheck } from './check-value.ts'
import type { FieldProblem, FieldsParser } from './field-problem.ts'
import type { Fields, FieldSpec, Infer } from './fields.ts'
import { isPlainDefault } from './fields.ts'
import { nearestName } from './nearest-name.ts'

/** One field, compiled. */
interface FieldCheck {
  name: string
  spec: FieldSpec
  check: ValueCheck
  /** Filled in where the value is missing. */
  fallback: Json | undefined
}

/**
 * Compiles the check of settings. Missing values take their default; unknown names are problems, with the nearest
 * known name; nothing is converted. A required text may not be empty.
 */
export function compileFields<const F extends Fields>(fields: F): FieldsParser<Infer<F>> {
  const names = Object.keys(fields)
  const checks = compileChecks(fields, { numbersToText: false }, (spec) => spec.default ?? undefined)
  return {
    parse: (values) => {
      if (!isObject(values)) return notAnObject(values)
      const problems: FieldProblem[] = []
      for (const key of Object.keys(values)) {
        if (!Object.hasOwn(fields, key)) problems.push({ path: key, message: unknownName(key, names) })
      }
      const result: Record<string, unknown> = {}
      for (const field of checks) {
        const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined
        readField(field, value, result, problems)
        if (value === '' && field.spec.required === true) {
          problems.push({ path: field.name, message: `must not be empty: ${field.spec.description}` })
        }
      }
      return finish<F>(result, problems)
    },
  }
}

/**
 * Compiles the check of mapped payloads, before they are delivered. A number becomes text where a field is text; a null
 * counts as missing, except in fields of the type `any`; plain defaults are filled in. Names that are not declared are
 * left out, because stored mappings of other systems carry options of their host there.
 */
export function checkPayload<const F extends Fields>(fields: F): FieldsParser<Infer<F>> {
  const fallback = (spec: FieldSpec) => (isPlainDefault(spec.default) ? spec.default : undefined)
  const checks = compileChecks(fields, { numbersToText: true }, fallback)
  return {
    parse: (values) => {
      if (!isObject(values)) return notAnObject(values)
      const problems: FieldProblem[] = []
      const result: Record<string, unknown> = {}
      for (const field of checks) {
        const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined
        readField(field, value === null && field.spec.type !== 'any' ? undefined : value, result, problems)
      }
      return finish<F>(result, problems)
    },
  }
}

function compileChecks(
  fields: Fields,
  options: ValueCheckOptions,
  fallbackOf: (spec: FieldSpec) => Json | undefined,
): FieldCheck[] {
  return Object.entries(fields).map(([name, spec]) => ({
    name,
    spec,
    check: compileValueCheck(spec, options),
    fallback: fallbackOf(spec),
  }))
}

function readField(
  { name, spec, check, fallback }: FieldCheck,
  value: unknown,
  result: Record<string, unknown>,
  problems: FieldProblem[],
): void {
  if (value !== undefined) {
    result[name] = check(value, name, problems)
  } else if (fallback !== undefined) {
    // A copy, so that whoever gets the values cannot change the declaration.
    result[name] = structuredClone(fallback)
  } else if (spec.required === true) {
    problems.push({ path: name, message: `is required: ${spec.description}` })
  }
}

function finish<F extends Fields>(result: Record<string, unknown>, problems: FieldProblem[]) {
  // The one place where the checked values get their type: each field was checked against its declaration above.
  return problems.length > 0 ? { problems } : { values: result as Infer<F> }
}

function isObject(values: unknown): values is Record<string, unknown> {
  return typeof values === 'object' && values !== null && !Array.isArray(values)
}

function notAnObject(values: unknown): { problems: FieldProblem[] } {
  const found =
    values === null
      ? 'null'
      : Array.isArray(values)
        ? 'a list'
        : values === undefined
          ? 'missing'
          : `a ${typeof values}`
  return { problems: [{ path: '', message: `must be an object with a value for each field, but it is ${found}` }] }
}

function unknownName(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names)
  if (nearest !== undefined) return `is not known here; did you mean "${nearest}"?`
  return names.length === 0
    ? 'is not known here; nothing can be set'
    : `is not known here; the names are ${names.join(', ')}`
}
