import { readPath, startsPath } from './read-path.ts'
import type { Token } from './token.ts'
import { TriggerError } from './trigger-error.ts'

const space = /[ \t\r\n]*/y
const number = /[+-]?\d+(?:\.\d+)?/y
/** What may not follow a number directly: `10k`, `1e3`, `1.2.3`, `3.` are errors, not two tokens. */
const gluedToNumber = /[\p{L}\d_.\\]/uy
const symbol = /!=|<=|>=|[=<>!(),[\]]/y

/** Remedies for the operators of other languages. */
const foreign = new Map([
  ['&&', 'write `and`'],
  ['||', 'write `or`'],
  ['==', 'write `=`'],
  ['<>', 'write `!=`'],
])

/**
 * Splits a trigger into tokens; the last one is always `end`. A whole path is one token, so that keywords after a
 * dot are ordinary names.
 * @throws {TriggerError}
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let position = skipSpace(text, 0)
  while (position < text.length) {
    const token = readToken(text, position)
    tokens.push(token)
    position = skipSpace(text, position + token.text.length)
  }
  tokens.push({ kind: 'end', position, text: '' })
  return tokens
}

function readToken(text: string, position: number): Token {
  const first = text.charAt(position)
  if (first === '"' || first === "'") return readString(text, position, first)
  const remedy = foreign.get(text.slice(position, position + 2))
  if (remedy !== undefined) {
    throw new TriggerError(`"${text.slice(position, position + 2)}" is no operator here: ${remedy}`, position)
  }
  if (startsPath(text, position)) return readPath(text, position)
  const digits = matchAt(number, text, position)
  if (digits !== undefined) return readNumber(text, position, digits)
  const written = matchAt(symbol, text, position)
  if (written !== undefined) return { kind: 'symbol', position, text: written }
  const found = String.fromCodePoint(text.codePointAt(position) ?? 0)
  throw new TriggerError(
    `The character ${JSON.stringify(found)} has no meaning here: put texts into quotes, and a backslash before special characters in field names`,
    position,
  )
}

function readString(text: string, position: number, quote: string): Token {
  const end = text.indexOf(quote, position + 1)
  if (end === -1) throw new TriggerError(`The text that begins here has no end: add a closing ${quote}`, position)
  return { kind: 'string', position, text: text.slice(position, end + 1), value: text.slice(position + 1, end) }
}

function readNumber(text: string, position: number, digits: string): Token {
  if (matchAt(gluedToNumber, text, position + digits.length) !== undefined) {
    throw new TriggerError('This is not a number: write digits, such as 5, -5 or 2.5; put a text into quotes', position)
  }
  return { kind: 'number', position, text: digits, value: Number(digits) }
}

function skipSpace(text: string, position: number): number {
  return position + (matchAt(space, text, position)?.length ?? 0)
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position
  return pattern.exec(text)?.[0]
}
