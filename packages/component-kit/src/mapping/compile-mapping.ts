import type { Json } from '@millrace/protocol'
import { MappingError } from './mapping-error.ts'

/** A compiled mapping: turns a message into the payload of an action. */
export interface Mapping {
  /** The mapping as written; never changed by compiling or applying. */
  readonly source: Json
  /**
   * The result for one payload; undefined if the whole mapping is a directive that gives nothing.
   * The payload is not changed, but the result may share parts with it: do not change either.
   * @throws {MappingError} when the payload is not an object, or gives a directive an input that it cannot take.
   */
  apply: (payload: unknown) => unknown
}

/**
 * Compiles a mapping.
 * @throws {MappingError} with every problem of the mapping and its path.
 * @example
 * compileMapping({ id: { '@path': '$.userId' } }).apply({ userId: 'u-1' }) // { id: 'u-1' }
 */
export function compileMapping(mapping: Json): Mapping {
  throw new MappingError([{ path: '', message: `not compiled yet: ${JSON.stringify(mapping)}` }])
}
