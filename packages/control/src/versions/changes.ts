import { isDeepStrictEqual } from 'node:util'
import { isJsonObject } from '@millrace/protocol'
import type { Json, WorkspaceVersionSummary } from '@millrace/protocol'
import { formatPath } from '../workspace/document-path.ts'
import type { DocumentPath } from '../workspace/document-path.ts'
import { valueAt } from './secrets.ts'

export type Changes = WorkspaceVersionSummary['changes']

/** A document in two forms: with its secrets, to compare, and masked, to show. Both have the same structure. */
export interface TwoForms {
  open: Json
  masked: Json
}

/** What differs, at the deepest place where it does. A secret that changed is listed, with both values masked. */
export function changesBetween(from: TwoForms, to: TwoForms): Changes {
  return differences(from.open, to.open, []).map((path) => {
    const before = valueAt(from.masked, path)
    const after = valueAt(to.masked, path)
    return {
      path: formatPath(path),
      ...(before !== undefined && { from: before }),
      ...(after !== undefined && { to: after }),
    }
  })
}

function differences(from: Json | undefined, to: Json | undefined, path: DocumentPath): DocumentPath[] {
  if (isDeepStrictEqual(from, to)) return []
  if (isJsonObject(from) && isJsonObject(to)) {
    const names = new Set([...Object.keys(from), ...Object.keys(to)])
    return [...names].flatMap((name) => differences(own(from, name), own(to, name), [...path, name]))
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    return Array.from({ length: Math.max(from.length, to.length) }, (_, index) =>
      differences(from[index], to[index], [...path, index]),
    ).flat()
  }
  return [path]
}

const own = (object: { [key: string]: Json }, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined
