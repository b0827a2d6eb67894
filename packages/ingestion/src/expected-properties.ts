import { itemSpecOf } from '@millrace/protocol'
import type { PropertySpec, PropertySpecs, PropertyType } from '@millrace/protocol'

/** What the dictionary expects of an object, compiled for comparing with bytes: by length of the name. */
export interface ExpectedObject {
  readonly byLength: readonly (readonly ExpectedName[] | undefined)[]
  /** The name that came first the last time. */
  first: ExpectedName | undefined
}

export interface ExpectedName {
  readonly bytes: Uint8Array
  readonly value: ExpectedValue
  /** The name that came behind this one the last time: clients send the same names in the same order. */
  next: ExpectedName | undefined
}

/** What one value may be. A type that bytes alone cannot tell is not among `kinds`, so such a value is left in doubt. */
export interface ExpectedValue {
  /** Bits of `kinds`. */
  readonly kinds: number
  /** Scalars, as JSON. */
  readonly choices: readonly Uint8Array[] | undefined
  /** The properties of an object. */
  readonly properties: ExpectedObject | undefined
  /** Each item of a list. */
  readonly items: ExpectedValue | undefined
}

export const kinds = { string: 1, number: 2, integer: 4, boolean: 8, array: 16, object: 32 }

const kindOfType: Record<PropertyType, number> = {
  string: kinds.string,
  url: kinds.string,
  number: kinds.number,
  integer: kinds.integer,
  boolean: kinds.boolean,
  array: kinds.array,
  object: kinds.object,
  datetime: 0, // whether a text is a time needs its value
}

/** Undefined where a property is required: whether one is missing is not seen while reading what is there. */
export const compileExpected = (specs: PropertySpecs): ExpectedObject | undefined => {
  const byLength: ExpectedName[][] = []
  for (const [name, spec] of Object.entries(specs)) {
    const value = compileValue(spec)
    if (value === undefined || spec.required === true) return undefined
    // An alias counts only where the name itself is absent; to expect the same of both is stricter, which is allowed.
    for (const sent of [name, ...(spec.aliases ?? [])]) {
      const bytes = Buffer.from(sent)
      ;(byLength[bytes.length] ??= []).push({ bytes, value, next: undefined })
    }
  }
  return { byLength, first: undefined }
}

const compileValue = (spec: PropertySpec): ExpectedValue | undefined => {
  const types = [spec.type, ...(spec.accepts ?? [])]
  const mayHave = (type: PropertyType): boolean => types.includes(type)
  const properties = mayHave('object') && spec.properties !== undefined ? compileExpected(spec.properties) : undefined
  const itemSpec = mayHave('array') ? itemSpecOf(spec) : undefined
  const items = itemSpec === undefined ? undefined : compileValue(itemSpec)
  if (mayHave('object') && spec.properties !== undefined && properties === undefined) return undefined
  if (itemSpec !== undefined && items === undefined) return undefined
  const choices = spec.choices?.map((choice) => Buffer.from(JSON.stringify(choice)))
  return { kinds: types.reduce((bits, type) => bits | kindOfType[type], 0), choices, properties, items }
}
