import { isAscii, isUtf8 } from 'node:buffer'
import { describeValue, isJsonObject } from '@millrace/protocol'
import type { Json, JsonObject, Problem } from '@millrace/protocol'
import { scanBody } from './scan-body.ts'
import type { BodyScan } from './scan-body.ts'

export interface ParsedBody {
  /** The top level; of a batch, a message that nests too deeply is null here. */
  top: JsonObject
  /** The messages; `undefined` for one that nests too deeply to be parsed. */
  messages: readonly (Json | undefined)[]
  /** Start and end of each message in the body, in pairs. */
  spans: readonly number[]
  /** Levels of nesting of each message, where the scan has counted them. */
  depths?: readonly number[]
}

/** A text this deep is not parsed whole; a batch adds two levels to those of its messages. */
const maxParsedDepth = 1000
/** A text this short cannot do harm by nesting. */
const harmlessBytes = 8 * 1024

/** Reads a body of one message: its raw slice is the body without the space around it. */
export const parseSingle = (body: Buffer): ParsedBody | Problem => {
  const start = startOf(body)
  if (!isUtf8(body)) return notUtf8
  if (body.length > harmlessBytes && scanBody(body, start, body.length).outerDepth > maxParsedDepth) return tooDeep('')
  const top = parse(body, start, body.length)
  if (top === undefined) return notJson(body, start, body.length)
  if (!isJsonObject(top)) return noObject(top)
  return { top, messages: [top], spans: trimmed(body, start) }
}

/** Reads a batch. Whether `batch` is a list, and how long, is the caller's to check. */
export const parseBatch = (body: Buffer): ParsedBody | Problem => {
  const start = startOf(body)
  if (!isUtf8(body)) return notUtf8
  const scan = scanBody(body, start, body.length)
  if (scan.outerDepth > maxParsedDepth) return tooDeep('')
  for (let index = 0; index < scan.depths.length; index++) {
    if ((scan.depths[index] as number) > maxParsedDepth) return parseOneByOne(body, start, scan)
  }
  const top = parse(body, start, body.length)
  if (top === undefined) return notJson(body, start, body.length)
  if (!isJsonObject(top)) return noObject(top)
  const messages = Array.isArray(top['batch']) ? top['batch'] : []
  if (messages.length * 2 !== scan.spans.length) {
    throw new Error(
      `the scan of a body found ${scan.spans.length / 2} messages where the parse found ${messages.length}`,
    )
  }
  return { top, messages, spans: scan.spans, depths: scan.depths }
}

/** Parses everything but the messages that nest too deeply, so that those beside them are kept. */
const parseOneByOne = (body: Buffer, start: number, scan: BodyScan): ParsedBody | Problem => {
  const outer = Buffer.concat([body.subarray(start, scan.listStart), emptyList, body.subarray(scan.listEnd)])
  const top = parse(outer, 0, outer.length)
  if (top === undefined) return notJson(outer, 0, outer.length)
  if (!isJsonObject(top)) return noObject(top)
  const messages: (Json | undefined)[] = []
  for (let index = 0; index < scan.depths.length; index++) {
    const from = scan.spans[index * 2] as number
    const to = scan.spans[index * 2 + 1] as number
    const message = (scan.depths[index] as number) > maxParsedDepth ? null : parse(body, from, to)
    if (message === undefined) return notJson(body, from, to)
    messages.push((scan.depths[index] as number) > maxParsedDepth ? undefined : message)
  }
  top['batch'] = messages.map((message) => message ?? null)
  return { top, messages, spans: scan.spans }
}

const emptyList = Buffer.from('[]')

/** Behind a byte order mark, which some clients send and JSON.parse refuses. */
const startOf = (body: Buffer): number => (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0)

const trimmed = (body: Buffer, from: number): number[] => {
  let start = from
  let end = body.length
  while ((body[start] as number) <= 0x20) start++
  while ((body[end - 1] as number) <= 0x20) end--
  return [start, end]
}

const textOf = (body: Buffer, start: number, end: number): string =>
  // One byte a character: cheaper to make and to parse.
  isAscii(body) ? body.toString('latin1', start, end) : body.toString('utf8', start, end)

const parse = (body: Buffer, start: number, end: number): Json | undefined => {
  try {
    return JSON.parse(textOf(body, start, end)) as Json
  } catch {
    return undefined
  }
}

/** JSON.parse names the place, but quotes the text too, of which 20 characters are enough. */
const notJson = (body: Buffer, start: number, end: number): Problem => {
  let found = 'The body is not JSON'
  try {
    JSON.parse(textOf(body, start, end))
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

const noObject = (top: Json): Problem => ({
  code: 'not_an_object',
  path: '',
  reason: `The body is ${describeValue(top)}. Send a JSON object.`,
})
