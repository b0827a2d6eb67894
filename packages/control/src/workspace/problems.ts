import type { FieldProblem } from '@millrace/component-kit'
import { formatPath, parsePath } from './document-path.ts'
import type { DocumentPath } from './document-path.ts'
import type { WorkspaceProblem } from './check-workspace.ts'

/** Collects what is wrong with a document. Of several problems at one place the first is kept: the others follow from it. */
export class Problems {
  readonly #byPath = new Map<string, string>()

  add(path: DocumentPath, message: string): void {
    const text = formatPath(path)
    if (!this.#byPath.has(text)) this.#byPath.set(text, message)
  }

  /** Takes over what a check of fields found below `path`. */
  addFields(path: DocumentPath, problems: readonly FieldProblem[]): void {
    for (const problem of problems) this.add([...path, ...parsePath(problem.path, '.')], problem.message)
  }

  get list(): readonly WorkspaceProblem[] {
    return [...this.#byPath].map(([path, message]) => ({ path, message }))
  }
}
