/** One thing that is wrong with a mapping. */
export interface MappingProblem {
  /** Where, as keys and list indexes joined by `/`, such as `/user/@case/value`; empty for the whole mapping. */
  path: string
  /** What was found there and what to write instead. */
  message: string
}

/** A mapping that cannot be compiled (all problems at once), or a payload that a mapping cannot be applied to (one). */
export class MappingError extends Error {
  readonly problems: readonly MappingProblem[]

  constructor(problems: readonly MappingProblem[]) {
    super(problems.map(({ path, message }) => `${path === '' ? 'mapping' : path}: ${message}`).join('\n'))
    this.name = 'MappingError'
    this.problems = problems
  }
}
