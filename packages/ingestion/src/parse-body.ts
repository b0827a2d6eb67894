import { isUtf8 } from 'node:buffer'
import { describeValue, standardEventOf } from '@millrace/protocol'
import type { Json, JsonObject, Problem, StandardEvent } from '@millrace/protocol'
import { skimStandard } from './check-properties.ts'
import { closeList, comma, met, openList, openObject, skipSpace, skipValue } from './skim-json.ts'
import { compileWanted, kindOf, skimObject, skimmed } from './skim-object.ts'
import type { Wanted } from './skim-object.ts'

/**
 * Reads a body as far as ingestion needs it. The messages have the fields that are checked or kept beside their raw bytes,
 * and `{}` or `[]` for objects and lists of which only the kind is checked.
 */
export interface ParsedBody {
  /** The top level: of a batch with the whole `context` and `integrations`, which hold for all its messages. */
  top: JsonObject
  messages: readonly Json[]
  /** Start and end of each message in the body, in pairs. */
  spans: readonly number[]
  /** Levels of nesting of each message. */
  depths: readonly number[]
  /** Start and end of the `properties` of each message, in pairs; -1 where it has none. */
  properties: readonly number[]
  /** The standard event that the properties of each message are known to follow already. */
  follows: readonly (StandardEvent | undefined)[]
}

/** Where the properties of the message that is being read are. */
let propertiesStart = -1
let propertiesEnd = -1
let follows: StandardEvent | undefined

/** Most clients name the event before its properties: then they are checked while they are passed over. */
const skimProperties = (body: Buffer, start: number, into: JsonObject): number => {
  const { event } = into
  const standard = typeof event === 'string' ? standardEventOf(event) : undefined
  let behind = standard === undefined ? -1 : skimStandard(standard, body, start)
  follows = behind === -1 ? undefined : standard
  if (behind === -1) behind = skipValue(body, start)
  if (behind === -1) return -1
  into['properties'] = kindOf(body, start, behind)
  propertiesStart = start
  propertiesEnd = behind
  return behind
}

const beginMessage = (): void => {
  propertiesStart = propertiesEnd = -1
  follows = undefined
}

const person: Wanted = { email: 'kind' }
const messageNames = compileWanted({
  type: 'repeats',
  action: 'kind',
  event: 'repeats',
  name: 'kind',
  category: 'kind',
  messageId: 'kind',
  userId: 'kind',
  user_id: 'kind',
  anonymousId: 'kind',
  groupId: 'kind',
  previousId: 'kind',
  timestamp: 'kind',
  originalTimestamp: 'kind',
  sentAt: 'kind',
  receivedAt: 'kind',
  writeKey: 'kind',
  properties: skimProperties,
  integrations: 'kind',
  traits: person,
  context: { ip: 'kind', userAgent: 'repeats', direct: 'kind', traits: person },
})

/** Reads a body of one message: its raw slice is the body without the space around it. */
export const parseSingle = (body: Buffer): ParsedBody | Problem => {
  if (!isUtf8(body)) return notUtf8
  const start = startOf(body)
  if (body[start] !== openObject) return refusal(body, start)
  const top: JsonObject = {}
  beginMessage()
  const end = skimObject(body, start, messageNames, top)
  const { depth } = met
  if (end === -1 || skipSpace(body, end) !== body.length) return notJson(body, start)
  const properties = [propertiesStart, propertiesEnd]
  return { top, messages: [top], spans: [start, end], depths: [depth], properties, follows: [follows] }
}

/** Reads a batch. Whether `batch` is a list, and how long, is the caller's to check. */
export const parseBatch = (body: Buffer): ParsedBody | Problem => {
  if (!isUtf8(body)) return notUtf8
  const start = startOf(body)
  if (body[start] !== openObject) return refusal(body, start)
  const top: JsonObject = {}
  items = noItems()
  skimmed.isTooDeep = false
  const end = skimObject(body, start, batchNames, top)
  if (end === -1 || skipSpace(body, end) !== body.length) return notJson(body, start)
  if (skimmed.isTooDeep) return tooDeep('')
  return { top, ...items }
}

/** The messages of the batch that is being read. */
interface Items {
  messages: Json[]
  spans: number[]
  depths: number[]
  properties: number[]
  follows: (StandardEvent | undefined)[]
}
const noItems = (): Items => ({ messages: [], spans: [], depths: [], properties: [], follows: [] })
let items = noItems()

/** Reads the value of `batch`. Of several, as of all equal keys, the last one counts. */
const skimItems = (body: Buffer, start: number, into: JsonObject): number => {
  items = noItems()
  if (body[start] !== openList) {
    const behind = skipValue(body, start)
    if (behind !== -1) into['batch'] = kindOf(body, start, behind)
    return behind
  }
  const { messages, spans, depths, properties, follows: known } = items
  into['batch'] = messages
  let at = skipSpace(body, start + 1)
  if (body[at] === closeList) {
    met.depth = 0
    return at + 1
  }
  for (;;) {
    let message: Json = null
    let behind: number
    beginMessage()
    if (body[at] === openObject) {
      message = {}
      behind = skimObject(body, at, messageNames, message)
    } else {
      behind = skipValue(body, at)
      if (behind !== -1) message = kindOf(body, at, behind)
    }
    if (behind === -1) return -1
    messages.push(message)
    spans.push(at, behind)
    depths.push(met.depth)
    properties.push(propertiesStart, propertiesEnd)
    known.push(follows)
    at = skipSpace(body, behind)
    const byte = body[at]
    if (byte !== comma) {
      met.depth = 0
      return byte === closeList ? at + 1 : -1
    }
    at = skipSpace(body, at + 1)
  }
}
const batchNames = compileWanted({
  writeKey: 'kind',
  sentAt: 'kind',
  context: 'value',
  integrations: 'value',
  batch: skimItems,
})

/** Behind a byte order mark, which some clients send and JSON forbids, and behind white space. */
const startOf = (body: Buffer): number =>
  skipSpace(body, body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0)

/** What is wrong with a body that is no object. */
const refusal = (body: Buffer, start: number): Problem => {
  const end = skipValue(body, start)
  if (end === -1 || skipSpace(body, end) !== body.length) return notJson(body, start)
  const reason = `The body is ${describeValue(kindOf(body, start, end))}. Send a JSON object.`
  return { code: 'not_an_object', path: '', reason }
}

/** JSON.parse names the place, but quotes the text too, of which 120 characters are enough. */
const notJson = (body: Buffer, start: number): Problem => {
  let found = 'The body is not JSON'
  try {
    JSON.parse(body.toString('utf8', start))
  } catch (error) {
    found = `The body is not JSON: ${(error as Error).message.slice(0, 120)}`
  }
  return { code: 'invalid_json', path: '', reason: `${found}. Send one JSON object.` }
}

const notUtf8: Problem = {
  code: 'invalid_utf8',
  path: '',
  reason: 'The body holds bytes that are not UTF-8. Encode the JSON text as UTF-8.',
}

export const tooDeep = (path: string): Problem => ({
  code: 'too_deep',
  path,
  reason: 'More than 100 levels of nesting. Flatten it; a serialised cycle looks like this.',
})
