import type { Json, JsonObject } from '@millrace/protocol'

/**
 * The vocabulary that settings, mapping fields, forms and docs share. A component declares its settings and the
 * fields of its actions once, as data; types, validation, JSON Schema, the console's form, the default mapping,
 * fixtures and reference pages are read off it.
 */
export interface FieldSpec {
  type: 'string' | 'secret' | 'integer' | 'number' | 'boolean' | 'datetime' | 'object' | 'any'
  label: string
  description: string
  /** Shown in docs, as the form's placeholder, and used as the test fixture. */
  example: Json
  required?: boolean
  /** A list of values of that type. */
  many?: boolean
  choices?: readonly string[]
  minimum?: number
  maximum?: number
  /** For settings a plain value; for action fields usually a directive: the default mapping. */
  default?: Json
  /** Still accepted under the old name; says what replaces it. */
  deprecated?: string
}

export type Fields = { readonly [name: string]: FieldSpec }

/**
 * Declares fields, keeping their literal types.
 * @example
 * const settings = defineFields({
 *   url: { type: 'string', label: 'URL', description: 'Where to post.', example: 'https://example.com/in', required: true },
 * })
 */
export const defineFields = <const F extends Fields>(fields: F): F => fields

/** A default that is a value, not a directive: it is filled in where the field is missing. */
export type PlainDefault = string | number | boolean | (string | number | boolean)[]

/** The run-time side of `PlainDefault`. */
export function isPlainDefault(value: Json | undefined): value is PlainDefault {
  if (value === undefined || value === null) return false
  return (
    typeof value !== 'object' ||
    (Array.isArray(value) && value.every((item) => item !== null && typeof item !== 'object'))
  )
}

type ScalarOf<S extends FieldSpec> = S extends { choices: readonly (infer C)[] }
  ? C
  : S['type'] extends 'string' | 'secret' | 'datetime'
    ? string
    : S['type'] extends 'integer' | 'number'
      ? number
      : S['type'] extends 'boolean'
        ? boolean
        : S['type'] extends 'object'
          ? JsonObject
          : Json
type ValueOf<S extends FieldSpec> = S extends { many: true } ? ScalarOf<S>[] : ScalarOf<S>
type IsAlwaysThere<S extends FieldSpec> = S extends { required: true } | { default: PlainDefault } ? true : false

/** One object type in place of an intersection, for messages and editors. */
type Flat<T> = { [K in keyof T]: T[K] }

/** The TypeScript type of the values that fit the fields, plain defaults filled in. */
export type Infer<F extends Fields> = Flat<
  {
    -readonly [K in keyof F as IsAlwaysThere<F[K]> extends true ? K : never]: ValueOf<F[K]>
  } & {
    -readonly [K in keyof F as IsAlwaysThere<F[K]> extends true ? never : K]?: ValueOf<F[K]>
  }
>
