/**
 * Finds where each message of a batch stands in the body, by one pass over its bytes and without parsing: raw slices are
 * what is stored. Of valid JSON the result agrees with JSON.parse: the last top-level key that reads `batch` counts,
 * however it is escaped. Of anything else the result means nothing, but there is one, so the pass may come before the
 * parse and say how deeply the text nests: JSON.parse takes 0.6 s and 200 MB for 4 MB of brackets.
 *
 *   body   = ws "{" [ member *( "," member ) ] "}" ws
 *   member = ws string ws ":" ws value ws
 */
export interface BodyScan {
  /** Start and end of each message, in pairs; empty when the last `batch` is no list. */
  spans: number[]
  /** Where that list stands, brackets included; 0 and 0 when there is none. */
  listStart: number
  listEnd: number
  /** Most levels of nesting of each message (0 for a scalar), in the order of `spans`. */
  depths: number[]
  /** Most levels of nesting beside the messages; the body itself is the first. */
  outerDepth: number
}

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const backslash = 0x5c
const openList = 0x5b
const openObject = 0x7b
const closeObject = 0x7d
/** "{" and "[" differ in this bit only, as do "}" and "]". */
const caseBit = 0x20

/** Levels of nesting that the last call of `skipValue` saw: a second result without an allocation per value. */
let deepest = 0

export const scanBody = (body: Uint8Array, start: number, end: number): BodyScan => {
  const scan: BodyScan = { spans: [], listStart: 0, listEnd: 0, depths: [], outerDepth: 0 }
  let at = skipSpace(body, start, end)
  if (body[at] !== openObject) {
    skipValue(body, at, end)
    scan.outerDepth = deepest
    return scan
  }
  scan.outerDepth = 1
  at = skipSpace(body, at + 1, end)
  while (at < end && body[at] === quote) {
    const keyEnd = skipString(body, at, end)
    const isBatch = readsBatch(body, at, keyEnd)
    at = skipSpace(body, keyEnd, end)
    if (body[at] !== colon) break
    at = skipSpace(body, at + 1, end)
    if (isBatch) {
      // An earlier `batch` does not count; what it holds is parsed all the same, so its depth does.
      for (const depth of scan.depths) scan.outerDepth = Math.max(scan.outerDepth, depth + 2)
      scan.spans = []
      scan.depths = []
      scan.listStart = scan.listEnd = 0
    }
    if (isBatch && body[at] === openList) {
      scan.listStart = at
      at = scanList(body, at, end, scan)
      scan.listEnd = at
    } else {
      at = skipValue(body, at, end)
      if (deepest >= scan.outerDepth) scan.outerDepth = deepest + 1
    }
    at = skipSpace(body, at, end)
    if (body[at] !== comma) break
    at = skipSpace(body, at + 1, end)
  }
  return scan
}

/** From "[" to behind "]", noting each item. */
const scanList = (body: Uint8Array, start: number, end: number, scan: BodyScan): number => {
  const { spans, depths } = scan
  let at = skipSpace(body, start + 1, end)
  while (at < end && (body[at] as number) !== (closeObject & ~caseBit)) {
    const itemEnd = skipValue(body, at, end)
    // Nothing was skipped: this is no JSON, and the parse will say so.
    if (itemEnd === at) return at
    spans.push(at, itemEnd)
    depths.push(deepest)
    at = skipSpace(body, itemEnd, end)
    if (body[at] !== comma) break
    at = skipSpace(body, at + 1, end)
  }
  return Math.min(at + 1, end)
}

/** From the first byte of a value to behind its last. Sets `deepest`. */
const skipValue = (body: Uint8Array, start: number, end: number): number => {
  deepest = 0
  const first = body[start] as number
  if (first === quote) return skipString(body, start, end)
  if ((first | caseBit) !== openObject) return skipScalar(body, start, end)
  let depth = 0
  let most = 0
  let at = start
  while (at < end) {
    const byte = body[at] as number
    if (byte === quote) {
      // `skipString`, written out: most bytes of a message are in strings.
      at++
      while (at < end) {
        const inner = body[at] as number
        if (inner === quote) break
        at += inner === backslash ? 2 : 1
      }
    } else if (byte >= openList) {
      const bracket = byte | caseBit
      if (bracket === openObject) {
        if (++depth > most) most = depth
      } else if (bracket === closeObject && --depth === 0) {
        deepest = most
        return at + 1
      }
    }
    at++
  }
  deepest = most
  return end
}

const skipScalar = (body: Uint8Array, start: number, end: number): number => {
  let at = start
  while (at < end) {
    const byte = body[at] as number
    if (byte <= 0x20 || byte === comma || (byte | caseBit) === closeObject) break
    at++
  }
  return at
}

/** From the opening quote to behind the closing one. */
const skipString = (body: Uint8Array, start: number, end: number): number => {
  let at = start + 1
  while (at < end) {
    const byte = body[at] as number
    if (byte === quote) return at + 1
    at += byte === backslash ? 2 : 1
  }
  return end
}

const skipSpace = (body: Uint8Array, start: number, end: number): number => {
  let at = start
  while (at < end && (body[at] as number) <= 0x20) at++
  return at
}

const batchKey = Buffer.from('"batch"')

/** Whether a key, quotes included, reads `batch`. */
const readsBatch = (body: Uint8Array, start: number, end: number): boolean => {
  if (end - start === batchKey.length) {
    for (let i = 1; i < 6; i++) if (body[start + i] !== batchKey[i]) return false
    return true
  }
  // An escape takes six bytes, for each of the five letters at most.
  if (end - start > 32 || !body.subarray(start, end).includes(backslash)) return false
  try {
    return JSON.parse(Buffer.from(body.subarray(start, end)).toString()) === 'batch'
  } catch {
    return false
  }
}
