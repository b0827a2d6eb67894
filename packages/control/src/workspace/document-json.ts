import type { Json } from '@millrace/protocol'
import { Problems } from './problems.ts'
import type { DocumentPath } from './document-path.ts'
import type { WorkspaceProblem } from './check-workspace.ts'

/** Far more than any document needs; it keeps every later walk within the stack. */
const maxLevels = 64

export type DocumentJson = { json: Json; problems?: undefined } | { problems: readonly WorkspaceProblem[] }

/**
 * A copy of a document as JSON. A module may export what JSON cannot hold (a function, a date, a cycle): each such
 * value is a problem. Properties that are undefined are left out.
 */
export function documentToJson(document: unknown): DocumentJson {
  const problems = new Problems()
  const json = copy(document, [], problems)
  return problems.list.length > 0 ? { problems: problems.list } : { json }
}

function copy(value: unknown, path: DocumentPath, problems: Problems): Json {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') {
    if (!value.isWellFormed()) problems.add(path, 'holds half of a surrogate pair, which is no character; remove it')
    return value
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) problems.add(path, `is ${value}; write a finite number`)
    return value
  }
  if (typeof value !== 'object') {
    problems.add(path, `is a ${typeof value}; write a JSON value: text, number, true, false, null, list or object`)
    return null
  }
  if (path.length >= maxLevels) {
    problems.add(path.slice(0, 4), `nests more than ${maxLevels} levels, or contains itself; write it flatter`)
    return null
  }
  if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, index], problems))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    problems.add(path, `is a ${value.constructor.name}; write a plain value, such as its text`)
    return null
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([key, item]) => [key, copy(item, [...path, key], problems)]))
}
