import type { Json } from '@millrace/protocol'
import type { MappingProblem } from './mapping-error.ts'
import { MappingError } from './mapping-error.ts'

/** A compiled part of a mapping: takes the payload in scope, gives a value; undefined is "missing". */
export type Evaluate = (payload: unknown) => unknown

export const missing: Evaluate = () => undefined

/** What one compilation shares. */
interface Compilation {
  problems: MappingProblem[]
  compileValue: (value: Json, site: Site) => Evaluate
}

/** Levels of lists and objects in a mapping. Bounds the recursion of compiling and applying. */
const maxNesting = 100

/** A place in a mapping while it is compiled: knows its path and collects problems. */
export class Site {
  readonly path: string
  /**
   * Whether objects made here keep keys without a value. They do inside `@merge`, where such a key overwrites;
   * everywhere else leaving the key out at once gives the same result.
   */
  readonly keepsMissing: boolean
  readonly #depth: number
  readonly #compilation: Compilation

  constructor(compilation: Compilation, path = '', keepsMissing = false, depth = 0) {
    this.path = path
    this.keepsMissing = keepsMissing
    this.#depth = depth
    this.#compilation = compilation
  }

  /** The place below this one. The key is escaped as in a JSON pointer. */
  at(key: string | number, keepsMissing = this.keepsMissing): Site {
    const step = String(key).replaceAll('~', '~0').replaceAll('/', '~1')
    return new Site(this.#compilation, `${this.path}/${step}`, keepsMissing, this.#depth + 1)
  }

  /** The same place, with objects that leave out keys without a value. */
  leavingOutMissing(): Site {
    return new Site(this.#compilation, this.path, false, this.#depth)
  }

  compile(value: Json): Evaluate {
    if (this.#depth > maxNesting) return this.problem(`is nested deeper than ${maxNesting} levels; split the mapping`)
    return this.#compilation.compileValue(value, this)
  }

  /** Notes what is wrong here. The answer stands in for the part that could not be compiled. */
  problem(message: string): Evaluate {
    this.#compilation.problems.push({ path: this.path, message })
    return missing
  }

  /** For what only the payload shows. @throws {MappingError} */
  fail(message: string): never {
    throw new MappingError([{ path: this.path, message }])
  }
}
