import { checkBatch, exceedsDepth, isJsonObject, maxNestingLevels, rejections } from '@millrace/protocol'
import type { Json, PathError, Problem } from '@millrace/protocol'
import type { NewMessage } from '@millrace/storage'
import type { Answer } from './answer.ts'
import type { BlockWriter, Waiter } from './block-writer.ts'
import { decodeBody } from './decode-body.ts'
import type { IngestRequest } from './ingest-request.ts'
import type { Limits } from './limits.ts'
import { MessageReader } from './message-reader.ts'
import type { ReaderTools } from './message-reader.ts'
import { parseBatch, parseSingle, tooDeep } from './parse-body.ts'
import type { ParsedBody } from './parse-body.ts'
import type { RejectionStore } from './rejection-store.ts'
import { findRequestKey, keyHint, keyProblem } from './request-key.ts'
import type { RequestKey } from './request-key.ts'
import type { SourceState, SourceTable } from './source-table.ts'
import { bodyKey } from './write-key.ts'

/**
 * From a body to rows of a block, or to the answer that refuses it; nothing in it is asynchronous.
 *
 *   decode → parse → write key → shape of the batch → rate → each message: key, size, checks → rows of one block
 *
 * Permissive: a refused message is a row beside the accepted ones, and the answer is 200. Strict (`X-Strict-Mode: 1`):
 * one refused message refuses them all.
 */
export interface AcceptWaiter extends Waiter {
  /** How many messages of a source are in the block that the waiter hears of. */
  accepted(sourceId: string, messages: number): void
}

/** `waiting`: 200 when the waiter hears that the block is durable. `done`: 200 at once, nothing was to be stored. */
export type AcceptResult = 'waiting' | 'done' | Answer

/** What a refused request was, as far as it is known. */
export interface RefusedBody {
  /** All of it or its start. */
  bytes: Buffer
  totalBytes?: number
  /** SHA-256 in hex; null when not all of it was seen. */
  bodyHash?: string | null
}

interface ReadMessage {
  value: NewMessage | Problem
  source: SourceState | undefined
}

/** More are not listed in one answer. */
const maxListedErrors = 100

const isStrict = (request: IngestRequest): boolean => request.headers['x-strict-mode'] === '1'
const isProblem = (value: NewMessage | Problem): value is Problem => 'code' in value

export class Acceptor {
  readonly #limits: Limits
  readonly #tools: ReaderTools
  readonly #writer: BlockWriter
  readonly #rejections: RejectionStore

  constructor(limits: Limits, tools: ReaderTools, writer: BlockWriter, rejectionStore: RejectionStore) {
    this.#limits = limits
    this.#tools = tools
    this.#writer = writer
    this.#rejections = rejectionStore
  }

  accept(sources: SourceTable, request: IngestRequest, body: Buffer, waiter: AcceptWaiter): AcceptResult {
    const decoded = decodeBody(request.headers['content-encoding'], body, this.#limits.maxBodyBytes)
    if (!Buffer.isBuffer(decoded)) return this.refuse(sources, request, decoded, { bytes: body }, waiter)
    const parsed = request.route.isBatch ? parseBatch(decoded) : parseSingle(decoded)
    if ('code' in parsed) return this.refuse(sources, request, parsed, { bytes: decoded }, waiter)

    const key = findRequestKey(sources, request, parsed.top)
    const problem =
      key.source === undefined && !someHasKey(sources, parsed.messages)
        ? keyProblem(key.unknown)
        : this.#checkTop(request, parsed)
    if (problem !== undefined) return this.#refuse(request, problem, { bytes: decoded }, key, waiter)
    const limited = takeRate(key.source, request.receivedAtMs, parsed.messages.length)
    if (limited !== undefined) {
      const answer = this.#refuse(request, rateLimited, { bytes: decoded }, key, waiter)
      if (typeof answer !== 'string') answer.retryAfterSeconds = limited
      return answer
    }
    return this.#acceptMessages(sources, request, parsed, decoded, key, waiter)
  }

  /** Refuses a request whose body cannot be read: what the headers and the query say is all that is known. */
  refuse(
    sources: SourceTable,
    request: IngestRequest,
    problem: Problem,
    body: RefusedBody,
    waiter: AcceptWaiter,
  ): AcceptResult {
    const key = findRequestKey(sources, request, undefined)
    // Where no key can hide in the body, its absence is the first thing to say.
    const isKeyless = problem.code === 'not_an_object' && key.source === undefined
    return this.#refuse(request, isKeyless ? keyProblem(key.unknown) : problem, body, key, waiter)
  }

  #refuse(
    request: IngestRequest,
    problem: Problem,
    body: RefusedBody,
    key: RequestKey,
    waiter: AcceptWaiter,
  ): AcceptResult {
    const { code, reason, path } = problem
    const isStored = this.#rejections.add({
      code,
      reason,
      path,
      sourceId: key.source?.id ?? '',
      keyHint: key.unknown === undefined ? undefined : keyHint(key.unknown),
      receivedAtMs: request.receivedAtMs,
      ...body,
    })
    const status = rejections[code][isStrict(request) ? 'strict' : 'permissive']
    if (status !== 200) return { status, code, message: reason, errors: path === '' ? [] : [{ path, reason }] }
    if (!isStored) return 'done'
    this.#writer.wait(waiter)
    return 'waiting'
  }

  #checkTop(request: IngestRequest, { top }: ParsedBody): Problem | undefined {
    if (!request.route.isBatch) return undefined
    const problem = checkBatch(top, this.#limits.maxBatchMessages)
    if (problem !== undefined) return problem
    const { context, integrations } = top
    if (context !== undefined && exceedsDepth(context, maxNestingLevels)) return tooDeep('context')
    if (integrations !== undefined && exceedsDepth(integrations, maxNestingLevels)) return tooDeep('integrations')
    return undefined
  }

  #acceptMessages(
    sources: SourceTable,
    request: IngestRequest,
    parsed: ParsedBody,
    body: Buffer,
    key: RequestKey,
    waiter: AcceptWaiter,
  ): AcceptResult {
    const { messages, spans } = parsed
    const reader = new MessageReader(this.#tools, request, parsed, body)
    const read: ReadMessage[] = []
    let problems = 0
    let ownKey: Json | undefined
    let ownSource: SourceState | undefined
    for (let index = 0; index < messages.length; index++) {
      const message = messages[index]
      let source = key.source
      const sentKey = isJsonObject(message) ? message['writeKey'] : undefined
      if (sentKey !== undefined && sentKey !== key.inBody) {
        if (sentKey !== ownKey) {
          ownKey = sentKey
          ownSource = findOwn(sources, sentKey)
        }
        source = ownSource ?? source
      }
      const bytes = (spans[index * 2 + 1] as number) - (spans[index * 2] as number)
      const value = this.#checkOutside(bytes, source, sentKey) ?? reader.read(index, source as SourceState)
      if (isProblem(value)) problems++
      read.push({ value, source })
    }
    if (problems > 0 && isStrict(request)) return this.#refuseStrictly(request, read, spans, body, problems)
    return this.#store(request, read, spans, body, waiter)
  }

  /** What is checked before a message is read. Afterwards `source` is defined. */
  #checkOutside(bytes: number, source: SourceState | undefined, sentKey: Json | undefined): Problem | undefined {
    if (source === undefined) return keyProblem(bodyKey(sentKey))
    if (!source.enabled) {
      return {
        code: 'source_disabled',
        path: '',
        reason: `Source ${source.id} is disabled. Enable it, or stop the client.`,
      }
    }
    const { maxMessageBytes } = this.#limits
    if (bytes > maxMessageBytes) {
      const reason = `The message has ${bytes} bytes, more than ${maxMessageBytes}. Send less in one message.`
      return { code: 'message_too_large', path: '', reason }
    }
    return undefined
  }

  /** Everything into one block: what is good as messages, what is not as rejections. */
  #store(
    request: IngestRequest,
    read: readonly ReadMessage[],
    spans: readonly number[],
    body: Buffer,
    waiter: AcceptWaiter,
  ): AcceptResult {
    if (read.length === 0) return 'done'
    const builder = this.#writer.begin(read.length, body.length)
    const rowsBefore = builder.rowCount
    let sourceId = ''
    let count = 0
    for (let index = 0; index < read.length; index++) {
      const { value, source } = read[index] as ReadMessage
      if (isProblem(value)) {
        this.#rejections.addTo(builder, this.#refusedMessage(request, read, index, spans, body))
        continue
      }
      const { id } = source as SourceState
      if (id !== sourceId) {
        if (count > 0) waiter.accepted(sourceId, count)
        sourceId = id
        count = 0
      }
      count++
      builder.addMessage(value, body, spans[index * 2] as number, spans[index * 2 + 1] as number)
    }
    if (count > 0) waiter.accepted(sourceId, count)
    if (builder.rowCount === rowsBefore) return 'done'
    this.#writer.wait(waiter)
    return 'waiting'
  }

  #refuseStrictly(
    request: IngestRequest,
    read: readonly ReadMessage[],
    spans: readonly number[],
    body: Buffer,
    problems: number,
  ): Answer {
    const errors: PathError[] = []
    let first: Problem | undefined
    for (let index = 0; index < read.length; index++) {
      const { value } = read[index] as ReadMessage
      if (!isProblem(value)) continue
      // A wrong key is said first: what it hides cannot be right.
      if (first === undefined || (rejections[value.code].strict === 401 && rejections[first.code].strict !== 401))
        first = value
      const refused = this.#refusedMessage(request, read, index, spans, body)
      this.#rejections.add(refused)
      if (errors.length < maxListedErrors) errors.push({ path: refused.path, reason: value.reason })
    }
    const { code } = first as Problem
    const message = `${problems} of ${read.length} messages cannot be accepted, so none was. Correct what errors lists, then send all again.`
    return { status: rejections[code].strict, code, message, errors }
  }

  #refusedMessage(
    request: IngestRequest,
    read: readonly ReadMessage[],
    index: number,
    spans: readonly number[],
    body: Buffer,
  ) {
    const { value, source } = read[index] as ReadMessage
    const { code, path, reason } = value as Problem
    return {
      code,
      reason,
      path: request.route.isBatch ? `batch[${index}]${path === '' ? '' : `.${path}`}` : path,
      sourceId: source?.id ?? '',
      keyHint: undefined,
      receivedAtMs: request.receivedAtMs,
      bytes: body.subarray(spans[index * 2], spans[index * 2 + 1]),
    }
  }
}

const rateLimited: Problem = {
  code: 'rate_limited',
  path: '',
  reason: 'The source takes fewer requests or messages per second. Wait for Retry-After, then send again.',
}

/** Seconds to wait when the source's rate is used up. */
const takeRate = (source: SourceState | undefined, nowMs: number, messages: number): number | undefined => {
  if (source === undefined || !source.enabled) return undefined
  const { requests, messages: messageRate } = source
  if (requests !== undefined && !requests.take(nowMs)) return Math.max(1, Math.ceil(requests.waitMs / 1000))
  if (messageRate !== undefined && !messageRate.take(nowMs, messages)) {
    return Math.max(1, Math.ceil(messageRate.waitMs / 1000))
  }
  return undefined
}

/**
 * The source of a message's own write key. A message may name its source beside a request that names another; a key that
 * no source has does not count then, because forwarded messages carry keys of other systems.
 */
const findOwn = (sources: SourceTable, sentKey: Json): SourceState | undefined => {
  const key = bodyKey(sentKey)
  return key === undefined ? undefined : sources.find(key)
}

const someHasKey = (sources: SourceTable, messages: readonly (Json | undefined)[]): boolean =>
  messages.some((message) => isJsonObject(message) && findOwn(sources, message['writeKey'] ?? null) !== undefined)
