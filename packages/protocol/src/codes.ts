/**
 * Why something was refused. Two closed lists: *rejections* are refused input, stored and countable per source;
 * *answers* are what the server says about itself or about a request to its API. Each entry says who reacts and how.
 *
 * `permissive` and `strict` are the HTTP status of the answer in the two modes of the Tracking API. In permissive mode
 * a refused message does not change the answer (the batch is 200 and the message is kept as a rejection): public clients
 * would drop or endlessly resend the good messages beside it.
 */
export const rejections = {
  /** Client developer: the body is not JSON; look at how it is built. Resending the same bytes cannot help. */
  invalid_json: { permissive: 400, strict: 400 },
  /** Client developer: the body holds bytes that are not UTF-8; encode it before sending. */
  invalid_utf8: { permissive: 400, strict: 400 },
  /** Client developer: `Content-Encoding` is unknown, or the gzip stream is broken; send gzip or nothing. */
  invalid_encoding: { permissive: 400, strict: 400 },
  /** Client developer: send smaller batches; operator: raise `maxBodyBytes` when they are meant to be this big. */
  body_too_large: { permissive: 413, strict: 413 },
  /** Client developer: split the batch; operator: raise `maxBatchMessages`. The batch is refused whole. */
  batch_too_large: { permissive: 400, strict: 400 },
  /** Client developer: send less in one message; operator: raise `maxMessageBytes`. */
  message_too_large: { permissive: 200, strict: 400 },
  /** Client developer: flatten the message; more than 100 levels are nearly always a serialised cycle. */
  too_deep: { permissive: 200, strict: 400 },
  /** Client developer: send the write key by Basic auth, in the body, in the query, or as `X-Write-Key`. */
  no_write_key: { permissive: 401, strict: 401 },
  /** Client developer: copy the write key of a source; workspace owner: a client may use one that was removed. */
  unknown_write_key: { permissive: 401, strict: 401 },
  /** Workspace owner: enable the source, or stop the client. */
  source_disabled: { permissive: 200, strict: 403 },
  /** Client: waits for `Retry-After` and sends again; workspace owner: raise the limit of the source. */
  rate_limited: { permissive: 429, strict: 429 },
  /** Client developer: a message, and a body, is a JSON object. */
  not_an_object: { permissive: 200, strict: 400 },
  /** Client developer: the batch route takes an object with the messages as a list in `batch`. */
  no_batch: { permissive: 200, strict: 400 },
  /** Client developer: each message of a batch needs one of the six types. */
  unknown_type: { permissive: 200, strict: 400 },
  /** Client developer: say who it is about: `userId` or `anonymousId` (what else counts: `checkMessage`). */
  no_identity: { permissive: 200, strict: 400 },
  /** Client developer: a track message names its event. */
  no_event: { permissive: 200, strict: 400 },
  /** Client developer: the event name is text. */
  invalid_event: { permissive: 200, strict: 400 },
  /** Client developer: a group message names its group. */
  no_group_id: { permissive: 200, strict: 400 },
  /** Client developer: an alias message names the id that it replaces. */
  no_previous_id: { permissive: 200, strict: 400 },
  /** Client developer: a field of the specification has a type that cannot be read; the path says which. */
  invalid_field: { permissive: 200, strict: 400 },
} as const satisfies Record<string, { permissive: number; strict: number }>

export type RejectionCode = keyof typeof rejections
export const rejectionCodes: readonly RejectionCode[] = Object.keys(rejections) as RejectionCode[]

/** Codes of answers that refuse no message, with their HTTP status. */
export const answers = {
  /** Client: sends again after `Retry-After`; operator: the log cannot be written (disk full, broker gone). */
  unavailable: 503,
  /** Client: sends again; operator: a request took longer than its limit. */
  timeout: 408,
  /** Caller: no such route or object; check the path and the id. */
  not_found: 404,
  /** Caller: the route exists for other methods, listed in `Allow`. */
  method_not_allowed: 405,
  /** Caller: log in, or send a token that is valid and may do this. */
  unauthorized: 401,
  /** Caller: someone changed the object meanwhile; read it again and repeat the change. */
  conflict: 409,
  /** Caller: a parameter or body of the API is wrong; `errors` lists each path with its remedy. */
  invalid_request: 400,
  /** Workspace owner: the document is refused whole; `errors` lists each path; the running version stays. */
  invalid_workspace: 400,
  /** Operator: a defect of Millrace; the log has the cause. */
  internal: 500,
} as const satisfies Record<string, number>

export type AnswerCode = keyof typeof answers
export const answerCodes: readonly AnswerCode[] = Object.keys(answers) as AnswerCode[]

export type ErrorCode = RejectionCode | AnswerCode

const isRejection = (code: ErrorCode): code is RejectionCode => Object.hasOwn(rejections, code)

/** HTTP status of an error, in strict mode where the modes differ: who raises an error refuses the whole request. */
export const statusOf = (code: ErrorCode): number => (isRejection(code) ? rejections[code].strict : answers[code])
