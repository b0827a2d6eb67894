import type { MessageType } from '@millrace/protocol'
import { messageTypes, standardEventOf, standardFormOf } from '@millrace/protocol'
import { compileGlob } from './glob.ts'
import type { CallOperand, Operand } from './syntax.ts'
import { utf8Length } from './utf8-length.ts'

/** What an envelope reader answers when only the message knows. */
export const needsMessage = Symbol('needs the message')

/** Reads an operand's value; missing and null are both null. */
export interface Reader {
  fromMessage: (message: object) => unknown
  /** Absent if the envelope never decides. */
  fromEnvelope?: EnvelopeReader
}
export type EnvelopeReader = (type: MessageType, event: string | undefined) => unknown

const typesWithoutEvent: ReadonlySet<unknown> = new Set(messageTypes.filter((type) => type !== 'track'))

export function compileOperand(operand: Operand): Reader {
  switch (operand.kind) {
    case 'literal': {
      const { value } = operand
      return { fromMessage: () => value, fromEnvelope: () => value }
    }
    case 'path': {
      return compilePath(operand.segments)
    }
    default: {
      return compileCall(operand)
    }
  }
}

function compilePath(segments: readonly string[]): Reader {
  const [head = '', ...rest] = segments
  if (rest.length > 0 && (head === 'type' || head === 'event')) {
    // Both are texts, and a step into a text gives missing.
    return { fromMessage: () => null, fromEnvelope: () => null }
  }
  if (head === 'type') return { fromMessage: readHead('type'), fromEnvelope: (type) => type }
  if (head === 'event') return { fromMessage: readEvent, fromEnvelope: eventOfEnvelope }
  if (head === 'standard') return compileStandardPath(rest)
  if (rest.length === 0) return { fromMessage: readHead(head) }
  if (rest.length === 1) {
    const [key = ''] = rest
    return { fromMessage: (message) => step(own(message, head), key) }
  }
  return {
    fromMessage: (message) => {
      let value = own(message, head)
      for (const key of rest) value = step(value, key)
      return value
    },
  }
}

/** A path into the standard form. Its event and category follow from the event's name. */
function compileStandardPath(keys: readonly string[]): Reader {
  const reader: Reader = {
    fromMessage: (message) => {
      let value: unknown = standardFormOf(message as Record<string, unknown>)
      for (const key of keys) value = step(value, key)
      return value
    },
  }
  const [key, ...rest] = keys
  if (rest.length === 0 && (key === 'event' || key === 'category')) {
    reader.fromEnvelope = (type, event) => {
      if (type !== 'track') return null
      if (event === undefined) return needsMessage
      const standard = standardEventOf(event)
      return key === 'event' ? (standard?.name ?? event) : (standard?.category ?? null)
    }
  }
  return reader
}

function readHead(head: string): (message: object) => unknown {
  return (message) => own(message, head)
}

/** Only track messages have an event name; what other messages carry under that key is not one. */
function readEvent(message: object): unknown {
  return typesWithoutEvent.has(own(message, 'type')) ? null : own(message, 'event')
}

function eventOfEnvelope(type: MessageType, event: string | undefined): unknown {
  if (type !== 'track') return null
  return event ?? needsMessage
}

function step(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? own(value, key) : null
}

function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? ((value as Record<string, unknown>)[key] ?? null) : null
}

function compileCall({ name, operands }: CallOperand): Reader {
  const readers = operands.map(compileOperand)
  const [first, second] = readers
  if (first === undefined) throw new TypeError(`${name} was parsed without an argument`)
  const apply = functionOf(name, operands[1])
  const reader: Reader = {
    fromMessage: (message) => apply(first.fromMessage(message), second?.fromMessage(message)),
  }
  const firstOf = first.fromEnvelope
  const secondOf = second === undefined ? () => null : second.fromEnvelope
  if (firstOf === undefined || secondOf === undefined) return reader
  reader.fromEnvelope = (type, event) => {
    const left = firstOf(type, event)
    const right = secondOf(type, event)
    return left === needsMessage || right === needsMessage ? needsMessage : apply(left, right)
  }
  return reader
}

/** The functions; each accepts any value. `second` is the operand as written, so that a literal glob is compiled once. */
function functionOf(name: string, second: Operand | undefined): (first: unknown, second: unknown) => unknown {
  switch (name) {
    case 'contains': {
      return (text, part) => typeof text === 'string' && typeof part === 'string' && text.includes(part)
    }
    case 'match': {
      return matchFunction(second)
    }
    case 'lowercase': {
      return (text) => (typeof text === 'string' ? text.toLowerCase() : null)
    }
    case 'uppercase': {
      return (text) => (typeof text === 'string' ? text.toUpperCase() : null)
    }
    case 'length': {
      return lengthOf
    }
    case 'typeof': {
      return typeName
    }
    default: {
      throw new TypeError(`The function ${name} is known to the parser only`)
    }
  }
}

function matchFunction(pattern: Operand | undefined): (text: unknown, pattern: unknown) => boolean {
  if (pattern?.kind === 'literal' && typeof pattern.value === 'string') {
    const glob = compileGlob(pattern.value)
    if ('problem' in glob) throw new TypeError(glob.problem)
    return (text) => typeof text === 'string' && glob.test(text)
  }
  return (text, pattern) => {
    if (typeof text !== 'string' || typeof pattern !== 'string') return false
    const glob = compileGlob(pattern)
    return 'test' in glob && glob.test(text)
  }
}

/** List: entries. Text: bytes in UTF-8. Missing: 0. Of other values there is no length. */
function lengthOf(value: unknown): number | null {
  if (typeof value === 'string') return utf8Length(value)
  if (value === null) return 0
  return Array.isArray(value) ? value.length : null
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
