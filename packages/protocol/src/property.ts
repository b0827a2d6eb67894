import type { Json } from './json.ts'

/**
 * One entry of a dictionary: a property of a standard event, a trait, a fact of the context or a common field. Types, violations
 * and documentation are read off it.
 */

export type PropertyType = 'string' | 'number' | 'integer' | 'boolean' | 'url' | 'datetime' | 'array' | 'object'

/** Whose documentation a fact comes from. */
export type Vendor = 'segment' | 'customerio'

export interface PropertySpec {
  type: PropertyType
  /** Further types that count as right. */
  accepts?: readonly PropertyType[]
  description: string
  /** True where null says something; elsewhere it is as absent. */
  nullable?: boolean
  required?: boolean
  /** Vendors that demand it, where others do not. */
  requiredBy?: readonly Vendor[]
  recommendedBy?: readonly Vendor[]
  choices?: readonly (string | number)[]
  /** Other names under which clients send it. */
  aliases?: readonly string[]
  /** Type of the items of a list of scalars. */
  itemType?: PropertyType
  /** Properties of an object, or of each item of a list of objects. */
  properties?: PropertySpecs
  /** Libraries that fill it by themselves. */
  collectedBy?: readonly string[]
}

export interface PropertySpecs {
  readonly [name: string]: PropertySpec
}

/**
 * Declares properties and keeps their literal types.
 *
 * @example const plan = defineProperties({ plan: { type: 'string', description: 'Plan of the account.' } })
 */
export const defineProperties = <const P extends PropertySpecs>(properties: P): P => properties

/** The TypeScript type of an object with these properties, as a client sends it: all but the required ones are optional. */
export type InferProperties<P extends PropertySpecs> = {
  [K in keyof P as P[K] extends { required: true } ? K : never]: InferProperty<P[K]>
} & {
  [K in keyof P as P[K] extends { required: true } ? never : K]?: InferProperty<P[K]>
}

type InferProperty<S extends PropertySpec> =
  | InferType<S['type'], S>
  | (S extends { accepts: readonly (infer A extends PropertyType)[] } ? InferType<A, S> : never)
  | (S extends { nullable: true } ? null : never)

// Distributes over a union of types, so that `accepts` of several gives a union.
type InferType<T extends PropertyType, S extends PropertySpec> = T extends 'string' | 'url' | 'datetime'
  ? S extends { choices: readonly (infer C)[] }
    ? C
    : string
  : T extends 'number' | 'integer'
    ? S extends { choices: readonly (infer C)[] }
      ? C
      : number
    : T extends 'boolean'
      ? boolean
      : T extends 'array'
        ? InferItem<S>[]
        : T extends 'object'
          ? S extends { properties: infer P extends PropertySpecs }
            ? InferProperties<P>
            : { [key: string]: Json }
          : never

type InferItem<S extends PropertySpec> = S extends { properties: infer P extends PropertySpecs }
  ? InferProperties<P>
  : S extends { itemType: infer T extends PropertyType }
    ? InferType<T, { type: T; description: string }>
    : Json
