import { checkLiteral } from './check-literal.ts'
import { checkCall, knownFunction } from './check-call.ts'
import { messageFields } from './message-fields.ts'
import { nearestName } from '../nearest-name.ts'
import type { CallOperand, ComparisonOperator, Condition, LiteralOperand, Operand, PathOperand } from './syntax.ts'
import { comparisonOperators } from './syntax.ts'
import type { Token } from './token.ts'
import { tokenize } from './lexer.ts'
import { TriggerError } from './trigger-error.ts'

/** Groups, `!` and function calls inside each other. Bounds the recursion here and in the compiler. */
const maxNesting = 100

/**
 * Recursive descent over
 *
 *     or         = and   { "or"  and }                 lowest
 *     and        = unary { "and" unary }
 *     unary      = "!" unary | "(" or ")" | comparison highest
 *     comparison = operand [ comparisonOperator value | "in" (list | path) ]
 *     operand    = path | literal | function "(" operand { "," operand } ")"
 *     value      = literal | word
 *
 * @throws {TriggerError} with the position of the first token that does not fit.
 */
export function parseTrigger(text: string): Condition {
  const tokens = tokenize(text)
  let next = 0
  let depth = 0

  const peek = (): Token => tokens[next] ?? { kind: 'end', position: text.length, text: '' }
  const take = (): Token => {
    const token = peek()
    next += 1
    return token
  }
  const fail = (expected: string, token = peek()): never => {
    const found = token.kind === 'end' ? 'the trigger ends' : `${token.text} stands`
    throw new TriggerError(`${expected} is expected where ${found}`, token.position)
  }
  const isSymbol = (symbol: string): boolean => peek().kind === 'symbol' && peek().text === symbol
  const expectSymbol = (symbol: string): void => {
    if (!isSymbol(symbol)) fail(`"${symbol}"`)
    next += 1
  }
  const isKeyword = (keyword: string): boolean => keywordOf(peek()) === keyword
  const nested = <T>(read: () => T): T => {
    depth += 1
    if (depth > maxNesting) {
      throw new TriggerError(`The trigger is nested deeper than ${maxNesting} levels: split it`, peek().position)
    }
    const result = read()
    depth -= 1
    return result
  }

  const chain = (keyword: 'and' | 'or', read: () => Condition): Condition => {
    const first = read()
    const parts = [first]
    while (isKeyword(keyword)) {
      next += 1
      parts.push(read())
    }
    return parts.length === 1 ? first : { kind: keyword, parts }
  }
  const or = (): Condition => chain('or', and)
  const and = (): Condition => chain('and', unary)

  const unary = (): Condition => {
    if (isSymbol('(')) {
      next += 1
      const condition = nested(or)
      expectSymbol(')')
      return condition
    }
    if (!isSymbol('!')) return comparison()
    const bang = take()
    const isGroup = isSymbol('(')
    const condition = nested(unary)
    if (isGroup) return { kind: 'not', condition }
    if (condition.kind === 'bare' && condition.operand.kind === 'call') {
      return { kind: 'not-call', call: condition.operand }
    }
    if (condition.kind === 'compare' || condition.kind === 'in-list' || condition.kind === 'in-path') {
      throw new TriggerError('"!" directly before a comparison is ambiguous: write !( … ) or use !=', bang.position)
    }
    return { kind: 'not', condition }
  }

  const comparison = (): Condition => {
    const operand = readOperand()
    const token = peek()
    const operator = token.kind === 'symbol' ? comparisonOperators.find((known) => known === token.text) : undefined
    if (operator !== undefined) return compare(operand, operator)
    if (isKeyword('in')) return membership(operand)
    const isCondition =
      operand.kind === 'path' || (operand.kind === 'call' && (operand.name === 'contains' || operand.name === 'match'))
    if (!isCondition) fail('An operator, such as = or in,')
    return { kind: 'bare', operand }
  }

  const compare = (operand: Operand, operator: ComparisonOperator): Condition => {
    const sign = take()
    if (operand.kind === 'literal') {
      throw new TriggerError(`A field belongs to the left of ${sign.text}: swap the sides`, operand.position)
    }
    const literal = readLiteral() ?? readWord(operator)
    checkLiteral(operand, operator, literal)
    return { kind: 'compare', operator, operand, literal }
  }

  const membership = (operand: Operand): Condition => {
    next += 1
    if (!isSymbol('[')) {
      const token = peek()
      if (token.kind !== 'path' || keywordOf(token) !== undefined) fail('A list in [ ] or a field')
      return { kind: 'in-path', operand, path: readPathOperand() }
    }
    const entries: LiteralOperand[] = []
    do {
      next += 1
      entries.push(readLiteral() ?? fail('A text in quotes, a number, true, false or null'))
    } while (isSymbol(','))
    expectSymbol(']')
    return { kind: 'in-list', operand, entries }
  }

  const readOperand = (): Operand => {
    const literal = readLiteral()
    if (literal !== undefined) return literal
    const token = peek()
    if (token.kind !== 'path' || keywordOf(token) !== undefined) fail('A field, a function or a condition')
    const after = tokens[next + 1]
    return after?.kind === 'symbol' && after.text === '(' ? nested(readCall) : readPathOperand()
  }

  const readCall = (): CallOperand => {
    const { text: name, position } = take()
    knownFunction(name, position)
    const operands: Operand[] = []
    do {
      next += 1
      operands.push(readOperand())
    } while (isSymbol(','))
    const end = peek().position
    expectSymbol(')')
    const call: CallOperand = { kind: 'call', name, operands, position }
    checkCall(call, end)
    return call
  }

  const readPathOperand = (): PathOperand => {
    const token = take()
    if (token.kind !== 'path') return fail('A field', token)
    const [head = ''] = token.segments
    if (!messageFields.includes(head)) {
      const nearest = nearestName(head, messageFields)
      const remedy = nearest === undefined ? 'write properties. or traits. before it' : `did you mean ${nearest}?`
      throw new TriggerError(`A message has no field "${head}": ${remedy}`, token.position)
    }
    return { kind: 'path', segments: token.segments, position: token.position }
  }

  const readLiteral = (): LiteralOperand | undefined => {
    const { text: written, position, ...token } = peek()
    let value: LiteralOperand['value']
    if (token.kind === 'string' || token.kind === 'number') value = token.value
    else if (token.kind === 'path' && written === 'null') value = null
    else if (token.kind === 'path' && (written === 'true' || written === 'false')) value = written === 'true'
    else return undefined
    next += 1
    return { kind: 'literal', value, text: token.kind === 'string' ? token.value : written, position }
  }

  /** Bare text, as in `type = track`, from the time before quotes were required. */
  const readWord = (operator: ComparisonOperator): LiteralOperand => {
    const token = take()
    const [value = ''] = token.kind === 'path' ? token.segments : []
    if (token.kind !== 'path' || keywordOf(token) !== undefined) return fail('A value', token)
    if (operator !== '=' && operator !== '!=') return fail('A number', token)
    if (token.segments.length > 1 || messageFields.includes(value)) {
      throw new TriggerError(
        `Two fields cannot be compared: put ${token.text} into quotes if it is a text`,
        token.position,
      )
    }
    if (/^(true|false|null)$/i.test(value)) {
      throw new TriggerError(`Write ${value.toLowerCase()}, or "${value}" if it is a text`, token.position)
    }
    return { kind: 'literal', value, text: value, position: token.position }
  }

  const condition = or()
  if (peek().kind !== 'end') fail('"and", "or" or the end')
  return condition
}

/** `and`, `or` in any letter case, and `in`; undefined for any other token. */
function keywordOf(token: Token): string | undefined {
  if (token.kind !== 'path') return undefined
  const lower = token.text.toLowerCase()
  return lower === 'and' || lower === 'or' || token.text === 'in' ? lower : undefined
}
