import type { JsonObject, Problem } from '@millrace/protocol'
import type { IngestRequest } from './ingest-request.ts'
import type { SourceState, SourceTable } from './source-table.ts'
import { authorizationKey, bodyKey, headerKey, queryKey } from './write-key.ts'

/** The write key of a request, from whatever carries it. */
export interface RequestKey {
  source: SourceState | undefined
  /** The first key that was given, when no source has any that was. */
  unknown: string | undefined
  /** The key in the body's top level, known or not. */
  inBody: string | undefined
}

/**
 * Basic or Bearer authorization, then `X-Write-Key`, then the query, then the body. The first key that a source has counts: a proxy
 * may put credentials of its own on a request that carries its key in the body. `top` is undefined when the body cannot be read.
 */
export const findRequestKey = (
  sources: SourceTable,
  request: IngestRequest,
  top: JsonObject | undefined,
): RequestKey => {
  const inBody = top === undefined ? undefined : bodyKey(top['writeKey'])
  let unknown: string | undefined
  for (let carrier = 0; carrier < 4; carrier++) {
    const key =
      carrier === 0
        ? authorizationKey(request.headers)
        : carrier === 1
          ? headerKey(request.headers)
          : carrier === 2
            ? queryKey(request.query)
            : inBody
    if (key === undefined) continue
    const source = sources.find(key)
    if (source !== undefined) return { source, unknown: undefined, inBody }
    unknown ??= key
  }
  return { source: undefined, unknown, inBody }
}

export const keyProblem = (unknown: string | undefined): Problem =>
  unknown === undefined
    ? {
        code: 'no_write_key',
        path: 'writeKey',
        reason:
          'There is no write key. Send it as the user of Basic authorization, in the body, in the query, or as X-Write-Key.',
      }
    : {
        code: 'unknown_write_key',
        path: 'writeKey',
        reason: 'No source has this write key. Copy the key of a source.',
      }

/** The end of an unknown key, for people to recognise it by; nothing of a key so short that its end is half of it. */
export const keyHint = (key: string): string => (key.length >= 8 ? key.slice(-4) : '')
