/** One thing that is wrong with the values of some fields. */
export interface FieldProblem {
  /** The field, then keys and list indexes, joined by dots: `products.0`. */
  path: string
  /** What was found there and what to write instead. Never contains the value of a secret. */
  message: string
}

/** The checked values, or every problem. Ask `result.problems === undefined`. */
export type ParseResult<V> =
  | { values: V; problems?: undefined }
  | { problems: readonly FieldProblem[]; values?: undefined }

/** Compiled from fields once, then used for any number of values. `parse` does not change its input and never throws. */
export interface FieldsParser<V> {
  parse: (values: unknown) => ParseResult<V>
}
