import { compileFields } from '@millrace/component-kit'
import type { Fields, Infer } from '@millrace/component-kit'
import { isJsonObject } from '@millrace/protocol'
import type { Json } from '@millrace/protocol'
import type { DocumentPath } from './document-path.ts'
import type { Problems } from './problems.ts'

/**
 * Checks a part of the document by its fields. Where single fields are wrong they are noted and the others are given, so
 * that a person sees the problems of all parts at once; undefined when nothing can be said about the rest.
 */
export function parsePart<const F extends Fields>(
  fields: F,
  value: Json,
  path: DocumentPath,
  problems: Problems,
): Infer<F> | undefined {
  const parser = compileFields(fields)
  const { values, problems: found } = parser.parse(value)
  if (found === undefined) return values
  problems.addFields(path, found)
  if (!isJsonObject(value)) return undefined
  const wrong = new Set(found.map((problem) => problem.path.split('.', 1)[0]))
  return parser.parse(Object.fromEntries(Object.entries(value).filter(([name]) => !wrong.has(name)))).values
}
