import type { Json } from '@millrace/protocol'
import { compileValue } from './compile-value.ts'
import { isJsonObject, isRecord, kindOf } from './json-kind.ts'
import type { MappingProblem } from './mapping-error.ts'
import { MappingError } from './mapping-error.ts'
import { expandRootDirective } from './root-directive.ts'
import { Site } from './site.ts'
import { mentionsStandardForm, withStandardForm } from './with-standard-form.ts'

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
 * Compiles a mapping. Of a message, `$.standard.event`, `$.standard.category` and `$.standard.properties` are its standard form.
 * @throws {MappingError} with every problem of the mapping and its path.
 * @example
 * compileMapping({ id: { '@path': '$.userId' } }).apply({ userId: 'u-1' }) // { id: 'u-1' }
 */
export function compileMapping(mapping: Json): Mapping {
  const problems: MappingProblem[] = []
  const site = new Site({ problems, compileValue })
  const evaluate = isJsonObject(mapping)
    ? site.compile(expandRootDirective(mapping, site))
    : site.problem(`must be an object with a value or a directive for each field, but it is ${kindOf(mapping)}`)
  if (problems.length > 0) throw new MappingError(problems)
  const readsStandardForm = mentionsStandardForm(mapping)
  return {
    source: mapping,
    apply: (payload) => {
      if (!isRecord(payload)) return site.fail(`the payload must be an object, but it is ${kindOf(payload)}`)
      return evaluate(readsStandardForm ? withStandardForm(payload) : payload)
    },
  }
}
