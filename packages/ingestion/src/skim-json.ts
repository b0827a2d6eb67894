/**
 * The grammar of JSON (RFC 8259) over bytes, without making values: each function takes the place where something begins
 * and gives the place behind it, or -1 when it is not JSON. Nesting is kept on a list, not on the stack, so no input is
 * too deep. The bytes must be valid UTF-8; that is checked beforehand, natively, for the whole body.
 *
 * Why not JSON.parse: ingestion needs a dozen fields of a message, and its place in the body, which JSON.parse does not
 * tell. Measured on messages of 990 bytes: 1.0 µs, where JSON.parse takes 2.5 µs and a scan for the places 1.0 µs more,
 * and nothing is left to the garbage collector. That speed comes from three things: a table decides over a byte of a
 * string with one comparison, common cases (no white space, no escapes) are written out where they occur, and reads past
 * the end are left to fail by themselves.
 */
export const quote = 0x22
export const comma = 0x2c
export const colon = 0x3a
export const openList = 0x5b
export const closeList = 0x5d
export const openObject = 0x7b
export const closeObject = 0x7d
/** From an opening bracket to its closing one, for lists and objects alike. */
const closes = 2

export const ordinary = 0
const isQuote = 1
const isBackslash = 2
/** What a byte means inside a string: ordinary, its end, an escape, or a control character that must not stand there. */
export const inString = new Uint8Array(256)
inString.fill(3, 0, 0x20)
inString[quote] = isQuote
inString[0x5c] = isBackslash

/** What the last call met: values that its caller may need, without an object per call. */
export const met = {
  /** Of `skipString`: it has escapes, so its text is not its bytes. */
  escapes: false,
  /** Of `skipValue`: levels of nesting; a scalar has none. */
  depth: 0,
}

/** The opening brackets that are not yet closed. */
let open = new Uint8Array(256)

/** Behind white space. */
export const skipSpace = (body: Uint8Array, start: number): number => {
  let at = start
  let byte = body[at]
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = body[++at]
  return at
}

/** From the opening quote to behind the closing one. Sets `met.escapes`. */
export const skipString = (body: Uint8Array, start: number): number => {
  let at = start + 1
  while (inString[body[at] as number] === ordinary) at++
  met.escapes = false
  return body[at] === quote ? at + 1 : skipRestOfString(body, at)
}

/** From the first byte of a string that is not ordinary. */
const skipRestOfString = (body: Uint8Array, start: number): number => {
  met.escapes = true
  let at = start
  for (;;) {
    switch (inString[body[at] as number]) {
      case ordinary:
        at++
        break
      case isQuote:
        return at + 1
      case isBackslash:
        at = skipEscape(body, at)
        if (at === -1) return -1
        break
      default: // A control character, or the end of the body.
        return -1
    }
  }
}

const skipEscape = (body: Uint8Array, at: number): number => {
  switch (body[at + 1]) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 2
    case 0x75: // u
      for (let digit = at + 2; digit < at + 6; digit++) if (!isHexDigit(body[digit] as number)) return -1
      return at + 6
    default:
      return -1
  }
}

const isHexDigit = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** A number, or one of the three names. */
const skipScalar = (body: Uint8Array, start: number): number => {
  let at = start
  let byte = body[at] as number
  if (byte === 0x2d) byte = body[++at] as number
  if (byte === 0x30) byte = body[++at] as number
  else if (isDigit(byte))
    do byte = body[++at] as number
    while (isDigit(byte))
  else return at === start ? skipName(body, start) : -1
  if (byte === 0x2e) {
    byte = body[++at] as number
    if (!isDigit(byte)) return -1
    do byte = body[++at] as number
    while (isDigit(byte))
  }
  if (byte === 0x65 || byte === 0x45) {
    byte = body[++at] as number
    if (byte === 0x2b || byte === 0x2d) byte = body[++at] as number
    if (!isDigit(byte)) return -1
    do byte = body[++at] as number
    while (isDigit(byte))
  }
  return at
}

const names = ['true', 'false', 'null'].map((name) => Buffer.from(name))

const skipName = (body: Uint8Array, start: number): number => {
  for (const name of names) {
    let length = 0
    while (length < name.length && body[start + length] === name[length]) length++
    if (length === name.length) return start + length
  }
  return -1
}

/** From the colon behind a key, or the space before it, to where the value begins. */
export const skipColon = (body: Uint8Array, start: number): number => {
  const at = body[start] === colon ? start : skipSpace(body, start)
  if (body[at] !== colon) return -1
  return (body[at + 1] as number) <= 0x20 ? skipSpace(body, at + 1) : at + 1
}

/** From the first byte of any value to behind its last. Sets `met.depth`. */
export const skipValue = (body: Uint8Array, start: number): number => {
  let brackets = open
  let at = start
  let depth = 0
  let deepest = 0
  for (;;) {
    // A value begins here.
    let byte = body[at] as number
    if (byte === quote) {
      do at++
      while (inString[body[at] as number] === ordinary)
      at = body[at] === quote ? at + 1 : skipRestOfString(body, at)
      if (at === -1) return -1
    } else if (byte === openObject || byte === openList) {
      if (++depth > deepest) deepest = depth
      if (depth === brackets.length) brackets = open = twice(brackets)
      brackets[depth] = byte
      const close = byte + closes
      byte = body[++at] as number
      if (byte <= 0x20) byte = body[(at = skipSpace(body, at))] as number
      if (byte !== close) {
        if (close === closeList) continue
        if (byte !== quote) return -1
        do at++
        while (inString[body[at] as number] === ordinary)
        at = body[at] === quote ? at + 1 : skipRestOfString(body, at)
        if (at === -1) return -1
        at = skipColon(body, at)
        if (at === -1) return -1
        continue
      }
      at++
      depth--
    } else {
      at = skipScalar(body, at)
      if (at === -1) return -1
    }
    // A value ended here; close what ends with it, up to the next one.
    for (;;) {
      if (depth === 0) {
        met.depth = deepest
        return at
      }
      byte = body[at] as number
      if (byte <= 0x20) byte = body[(at = skipSpace(body, at))] as number
      const bracket = brackets[depth] as number
      if (byte === comma) {
        if ((body[++at] as number) <= 0x20) at = skipSpace(body, at)
        if (bracket === openObject) {
          if (body[at] !== quote) return -1
          do at++
          while (inString[body[at] as number] === ordinary)
          at = body[at] === quote ? at + 1 : skipRestOfString(body, at)
          if (at === -1) return -1
          at = skipColon(body, at)
          if (at === -1) return -1
        }
        break
      }
      if (byte !== bracket + closes) return -1
      at++
      depth--
    }
  }
}

const twice = (list: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const larger = new Uint8Array(list.length * 2)
  larger.set(list)
  return larger
}
