import type { MessageType } from '@millrace/protocol'
import { isTextField } from './check-literal.ts'
import type { EnvelopeReader, Reader } from './compile-operand.ts'
import { compileOperand, needsMessage } from './compile-operand.ts'
import type { CallOperand, ComparisonOperator, Condition, Literal, LiteralOperand, Operand } from './syntax.ts'

type EnvelopeTest = (type: MessageType, event: string | undefined) => boolean | undefined

/** A condition as closures. */
export interface Test {
  matches: (message: object) => boolean
  /** Undefined as an answer, or no such function: the whole message is needed. */
  onEnvelope?: EnvelopeTest
}

export function compileCondition(condition: Condition): Test {
  switch (condition.kind) {
    case 'and': {
      return combine(condition.parts.map(compileCondition), false)
    }
    case 'or': {
      return combine(condition.parts.map(compileCondition), true)
    }
    case 'not': {
      return negate(compileCondition(condition.condition))
    }
    case 'not-call': {
      return compileNotCall(condition.call)
    }
    case 'bare': {
      return onValue(compileOperand(condition.operand), (value) => value === true)
    }
    case 'compare': {
      const { operand, operator, literal } = condition
      return onValue(compileOperand(operand), comparison(operator, standsFor(operand, literal)))
    }
    case 'in-list': {
      const { operand, entries } = condition
      const values = new Set<unknown>(entries.map((entry) => standsFor(operand, entry)))
      return onValue(compileOperand(operand), (value) => values.has(value))
    }
    default: {
      return compileInPath(compileOperand(condition.operand), compileOperand(condition.path))
    }
  }
}

/** `and` (decided by the first false) and `or` (decided by the first true). */
function combine(tests: readonly Test[], decisive: boolean): Test {
  const envelopes = tests.flatMap((test) => test.onEnvelope ?? [])
  // Whoever has no say about the envelope leaves it open, unless another part decides.
  const open = envelopes.length < tests.length
  const [first, second] = tests
  const matches =
    first !== undefined && second !== undefined && tests.length === 2
      ? combineTwo(first, second, decisive)
      : (message: object) => {
          for (const test of tests) if (test.matches(message) === decisive) return decisive
          return !decisive
        }
  if (envelopes.length === 0) return { matches }
  const onEnvelope: EnvelopeTest = (type, event) => {
    let answer: boolean | undefined = open ? undefined : !decisive
    for (const envelope of envelopes) {
      const part = envelope(type, event)
      if (part === decisive) return decisive
      if (part === undefined) answer = undefined
    }
    return answer
  }
  return { matches, onEnvelope }
}

function combineTwo(first: Test, second: Test, decisive: boolean): (message: object) => boolean {
  return decisive
    ? (message) => first.matches(message) || second.matches(message)
    : (message) => first.matches(message) && second.matches(message)
}

function negate({ matches, onEnvelope }: Test): Test {
  const negated: Test = { matches: (message) => !matches(message) }
  if (onEnvelope !== undefined) {
    negated.onEnvelope = (type, event) => {
      const answer = onEnvelope(type, event)
      return answer === undefined ? undefined : !answer
    }
  }
  return negated
}

function compileNotCall(call: CallOperand): Test {
  const [subject] = call.operands
  if (subject === undefined) throw new TypeError(`${call.name} was parsed without an argument`)
  const isText = onValue(compileOperand(subject), (value) => typeof value === 'string')
  const isFalse = onValue(compileOperand(call), (value) => value === false)
  return combine([isText, isFalse], false)
}

function compileInPath(operand: Reader, path: Reader): Test {
  const contains = (list: unknown, value: unknown): boolean => Array.isArray(list) && list.includes(value)
  const test: Test = { matches: (message) => contains(path.fromMessage(message), operand.fromMessage(message)) }
  // Only type and event are in the envelope, and they are no lists.
  if (path.fromEnvelope !== undefined) test.onEnvelope = () => false
  return test
}

function onValue(reader: Reader, accepts: (value: unknown) => boolean): Test {
  const { fromMessage } = reader
  const test: Test = { matches: (message) => accepts(fromMessage(message)) }
  const fromEnvelope: EnvelopeReader | undefined = reader.fromEnvelope
  if (fromEnvelope !== undefined) {
    test.onEnvelope = (type, event) => {
      const value = fromEnvelope(type, event)
      return value === needsMessage ? undefined : accepts(value)
    }
  }
  return test
}

/** In a text field a number literal stands for its text, as it was written. */
function standsFor(operand: Operand, literal: LiteralOperand): Literal {
  return typeof literal.value === 'number' && isTextField(operand) ? literal.text : literal.value
}

/** `!=` with a number is false for everything that is no number; with other literals it is the negation of `=`. */
function comparison(operator: ComparisonOperator, expected: Literal): (value: unknown) => boolean {
  if (operator === '=') return (value) => value === expected
  if (typeof expected !== 'number') return (value) => value !== expected
  switch (operator) {
    case '!=': {
      return (value) => typeof value === 'number' && value !== expected
    }
    case '<': {
      return (value) => typeof value === 'number' && value < expected
    }
    case '<=': {
      return (value) => typeof value === 'number' && value <= expected
    }
    case '>': {
      return (value) => typeof value === 'number' && value > expected
    }
    default: {
      return (value) => typeof value === 'number' && value >= expected
    }
  }
}
