import { hash } from 'node:crypto'
import {
  checkMessage,
  correctTimes,
  describeValue,
  formatIsoTime,
  isJsonObject,
  messageIdOf,
  parseIsoTime,
  standardEventOf,
  textId,
  typeOf,
} from '@millrace/protocol'
import type { Json, JsonObject, Problem } from '@millrace/protocol'
import { rowFlags } from '@millrace/storage'
import type { BatchDefaults, ClientInfo, Envelope, NewMessage } from '@millrace/storage'
import { checkProperties } from './check-properties.ts'
import { anonymizeAddress } from './client-address.ts'
import type { ClientAddress } from './client-address.ts'
import type { IngestRequest } from './ingest-request.ts'
import { readLegacyEnvelope } from './legacy-envelope.ts'
import type { ParsedBody } from './parse-body.ts'
import type { SourceState } from './source-table.ts'
import type { UserAgents } from './user-agents.ts'

const sha256 = (text: string): string => hash('sha256', text)

/** What messages of all requests share. */
export interface ReaderTools {
  clientAddress: ClientAddress
  userAgents: UserAgents
  newMessageId: () => string
}

/**
 * Reads the messages of one request: checks each, and makes what is stored beside its raw bytes. What the request says for
 * all of them is worked out once, here.
 */
export class MessageReader {
  readonly #tools: ReaderTools
  readonly #request: IngestRequest
  readonly #parsed: ParsedBody
  readonly #body: Buffer
  readonly #batch: BatchDefaults | undefined
  readonly #sentAt: string | undefined
  readonly #batchUserAgent: string | undefined
  readonly #batchHasIp: boolean
  readonly #isBatchDirect: boolean
  #address: string | undefined
  #isAddressKnown = false

  constructor(tools: ReaderTools, request: IngestRequest, parsed: ParsedBody, body: Buffer) {
    const { top } = parsed
    this.#tools = tools
    this.#request = request
    this.#parsed = parsed
    this.#body = body
    const { isBatch } = request.route
    this.#batch = isBatch ? batchDefaults(top) : undefined
    this.#sentAt = usableTime(isBatch ? top['sentAt'] : undefined) ?? usableTime(request.headers['sentat'])
    const context = this.#batch?.context
    this.#batchUserAgent = textOf(context?.['userAgent'])
    this.#batchHasIp = context?.['ip'] !== undefined
    this.#isBatchDirect = context?.['direct'] === true
  }

  /** What is stored of one message of the request, which is of `source`, or why it is refused. */
  read(index: number, source: SourceState): NewMessage | Problem {
    const value = this.#parsed.messages[index]
    if (!isJsonObject(value)) {
      return { code: 'not_an_object', path: '', reason: `The message is ${describeValue(value)}. Send an object.` }
    }
    readLegacyEnvelope(value)
    const type = typeOf(value, this.#request.route.type)
    if (type === undefined) {
      const reason = `type is ${describeValue(value['type'])}. Send identify, track, page, screen, group or alias.`
      return { code: 'unknown_type', path: 'type', reason }
    }
    const problem = checkMessage(value, type, this.#parsed.depths[index])
    if (problem !== undefined) return problem

    const { receivedAtMs } = this.#request
    const envelope = this.#envelope(value)
    const message: NewMessage = { source: source.id, type, receivedAtMs, envelope, flags: 0, batch: this.#batch }
    if (type === 'track') this.#addEvent(message, value['event'] as string, index)
    this.#enrich(message, value, source)
    return message
  }

  #addEvent(message: NewMessage, event: string, index: number): void {
    message.event = event
    const standard = standardEventOf(event)
    if (standard === undefined) return
    message.standardEvent = standard
    const { properties, follows } = this.#parsed
    if (follows[index] === standard) return
    const violations = checkProperties(
      standard,
      this.#body,
      properties[index * 2] as number,
      properties[index * 2 + 1] as number,
    )
    if (violations.length === 0) return
    message.envelope.violations = violations
    message.flags = (message.flags ?? 0) | rowFlags.violations
  }

  #envelope(message: JsonObject): Envelope {
    const { messageId, flag } = messageIdOf(message['messageId'], this.#tools.newMessageId, sha256)
    const set: JsonObject = {}
    const envelope: Envelope = { messageId }
    addId(envelope, set, 'userId', message['userId'])
    if (message['user_id'] !== undefined && envelope.userId !== undefined) set['userId'] = envelope.userId
    addId(envelope, set, 'anonymousId', message['anonymousId'])
    addId(envelope, set, 'groupId', message['groupId'])
    addId(envelope, set, 'previousId', message['previousId'])
    this.#addTimes(set, message)
    envelope.set = set
    if (flag !== undefined) envelope.flags = flag === 'assigned' ? idAssigned : idHashed
    return envelope
  }

  #addTimes(set: JsonObject, message: JsonObject): void {
    const own = message['sentAt']
    const sentAt = typeof own === 'string' ? own : this.#sentAt
    const times = correctTimes({
      receivedAtMs: this.#request.receivedAtMs,
      sentAt,
      originalTimestamp: message['originalTimestamp'],
      timestamp: message['timestamp'],
      forwardedReceivedAt: message['receivedAt'],
    })
    set['timestamp'] = times.timestamp
    if (times.originalTimestamp !== message['originalTimestamp']) set['originalTimestamp'] = times.originalTimestamp
    if (sentAt !== undefined && sentAt !== own) set['sentAt'] = sentAt
  }

  /** Address and user agent, from the connection where the source wants that, and what the user agent says. */
  #enrich(message: NewMessage, value: JsonObject, source: SourceState): void {
    const { settings } = source
    const { isBrowser } = this.#request.route
    const context = isJsonObject(value['context']) ? value['context'] : undefined

    if (settings.fillIp !== 'never' && !this.#batchHasIp && context?.['ip'] === undefined) {
      const isDirect = isBrowser || context?.['direct'] === true || this.#isBatchDirect
      if (isDirect || settings.fillIp === 'always') {
        const address = this.#clientAddress()
        if (address !== undefined) message.envelope.ip = settings.anonymizeIp ? anonymizeAddress(address) : address
      }
    }

    let userAgent = context?.['userAgent'] === undefined ? this.#batchUserAgent : textOf(context['userAgent'])
    if (isBrowser && settings.fillUserAgent && userAgent === undefined && context?.['userAgent'] === undefined) {
      userAgent = this.#request.headers['user-agent']
      if (userAgent !== undefined) message.envelope.userAgent = userAgent
    }
    if (userAgent !== undefined && settings.parseUserAgent) this.#addClient(message, userAgent)
  }

  #addClient(message: NewMessage, userAgent: string): void {
    const client: ClientInfo | undefined = this.#tools.userAgents.read(userAgent)
    if (client === undefined) return
    message.client = client
    if (client.bot === true) message.flags = (message.flags ?? 0) | rowFlags.bot
  }

  #clientAddress(): string | undefined {
    if (!this.#isAddressKnown) {
      const forwardedFor = this.#request.headers['x-forwarded-for']
      this.#address = this.#tools.clientAddress.of(
        this.#request.socket.remoteAddress,
        typeof forwardedFor === 'string' ? forwardedFor : undefined,
      )
      this.#isAddressKnown = true
    }
    return this.#address
  }
}

const idAssigned: readonly string[] = ['message_id_assigned']
const idHashed: readonly string[] = ['message_id_hashed']

/** Clients that are configured alike send numbers for ids; stages behind this one see strings only. */
const addId = (
  envelope: Envelope,
  set: JsonObject,
  name: 'userId' | 'anonymousId' | 'groupId' | 'previousId',
  value: Json | undefined,
): void => {
  if (value === undefined) return
  const id = textId(value)
  if (id === undefined) return
  envelope[name] = id
  if (typeof value === 'number') set[name] = id
}

/** What the batch says for its messages; one object, so that a block stores it once. */
const batchDefaults = (top: JsonObject): BatchDefaults | undefined => {
  const { context, integrations } = top
  const defaults: BatchDefaults = {}
  if (isJsonObject(context) && Object.keys(context).length > 0) defaults.context = context
  if (isJsonObject(integrations) && Object.keys(integrations).length > 0) defaults.integrations = integrations
  return defaults.context === undefined && defaults.integrations === undefined ? undefined : defaults
}

const usableTime = (value: Json | string[] | undefined): string | undefined => formatIsoTime(parseIsoTime(value))

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)
