import { isJsonObject, type Json, type JsonObject } from '@millrace/protocol'
import { limits } from './limits.ts'
import { referenceOf } from './person-reference.ts'
import { readMetric, readOperation } from './read-operation.ts'
import type { CustomerIoWorkspace } from './workspace.ts'

export interface TrackApiRequest {
  readonly method: string
  /** Without host, not decoded. */
  readonly path: string
  readonly authorization: string | undefined
  readonly body: Buffer
}

export interface TrackApiAnswer {
  readonly status: number
  readonly body: JsonObject
}

export interface TrackApiCredentials {
  readonly siteId: string
  readonly apiKey: string
}

/**
 * The Track API of one workspace: `POST /api/v2/entity`, `POST /api/v2/batch`, `POST /api/v1/metrics`,
 * `DELETE /api/v1/customers/{identifier}` and `GET /auth`. Answers are 200 `{}`, 207 with the refused items of a batch, 400,
 * 401, 404, 413; 429 and 5xx are not its own. An operation that is refused changes nothing, and the others of its batch are
 * applied in their order.
 * @param nowMs when the request is received, in milliseconds since 1970
 */
export function answerTrackApi(
  workspace: CustomerIoWorkspace,
  { siteId, apiKey }: TrackApiCredentials,
  { method, path, authorization, body }: TrackApiRequest,
  nowMs: number,
): TrackApiAnswer {
  // Documented: reports of metrics need no credentials.
  if (method === 'POST' && path === '/api/v1/metrics') return withJson(body, (json) => report(workspace, json))
  const expected = `Basic ${Buffer.from(`${siteId}:${apiKey}`).toString('base64')}`
  if (authorization !== expected) return { status: 401, body: { meta: { error: 'Unauthorized request' } } }

  const customer = /^\/api\/v1\/customers\/([^/]+)$/.exec(path)?.[1]
  if (method === 'DELETE' && customer !== undefined) return deleteCustomer(workspace, customer, nowMs)
  switch (`${method} ${path}`) {
    case 'GET /auth': {
      return { status: 200, body: { meta: { message: 'nice credentials.' } } }
    }
    case 'POST /api/v2/entity': {
      if (body.length > limits.operationBytes) return tooLarge(body.length, limits.operationBytes)
      return withJson(body, (json) => applyEntity(workspace, json, nowMs))
    }
    case 'POST /api/v2/batch': {
      if (body.length > limits.batchBytes) return tooLarge(body.length, limits.batchBytes)
      return withJson(body, (json) => applyBatch(workspace, json, nowMs))
    }
    default: {
      return { status: 404, body: { meta: { error: `There is no ${method} ${path}` } } }
    }
  }
}

function deleteCustomer(workspace: CustomerIoWorkspace, encoded: string, nowMs: number): TrackApiAnswer {
  let identifier: string
  try {
    identifier = decodeURIComponent(encoded)
  } catch {
    return malformed(`${encoded} is not an encoded path`)
  }
  workspace.apply({ action: 'delete', person: referenceOf(identifier) }, nowMs)
  return accepted
}

/** Documented: "a successful request returns an empty object". */
const accepted: TrackApiAnswer = { status: 200, body: {} }

const tooLarge = (bytes: number, allowed: number): TrackApiAnswer => ({
  status: 413,
  body: { meta: { error: `The body has ${bytes} bytes, at most ${allowed} are allowed` } },
})

const malformed = (error: string): TrackApiAnswer => ({ status: 400, body: { meta: { error } } })

function withJson(body: Buffer, answer: (json: Json) => TrackApiAnswer): TrackApiAnswer {
  let json: Json
  try {
    json = JSON.parse(body.toString()) as Json
  } catch (error) {
    return malformed(`The body is not JSON: ${String(error)}`)
  }
  return answer(json)
}

/** Documented: 400 with the list of errors. */
function applyEntity(workspace: CustomerIoWorkspace, json: Json, nowMs: number): TrackApiAnswer {
  const read = readOperation(json)
  if ('problems' in read) return { status: 400, body: { errors: read.problems.map((problem) => ({ ...problem })) } }
  workspace.apply(read.operation, nowMs)
  return accepted
}

/** Documented: 207 when at least one item is refused, every other is accepted. An empty batch is malformed: assumed. */
function applyBatch(workspace: CustomerIoWorkspace, json: Json, nowMs: number): TrackApiAnswer {
  const batch = isJsonObject(json) ? json['batch'] : undefined
  if (!Array.isArray(batch) || batch.length === 0) return malformed('The body must hold a list of operations as batch')
  const errors: JsonObject[] = []
  for (const [index, item] of batch.entries()) {
    const read = readOperation(item)
    if ('operation' in read) workspace.apply(read.operation, nowMs)
    else errors.push(...read.problems.map((problem) => ({ batch_index: index, ...problem })))
  }
  return errors.length === 0 ? accepted : { status: 207, body: { errors } }
}

function report(workspace: CustomerIoWorkspace, json: Json): TrackApiAnswer {
  const read = readMetric(json)
  if ('problems' in read) return malformed(read.problems.map(({ message }) => message).join('; '))
  workspace.report(read.metric)
  return accepted
}
