/** The tree that the parser makes of a trigger. Positions are indexes into the trigger's text. */

export type Literal = string | number | boolean | null

/** A literal as written: `text` is its own spelling, because a number may stand for its text. */
export interface LiteralOperand {
  kind: 'literal'
  value: Literal
  text: string
  position: number
}

export interface PathOperand {
  kind: 'path'
  segments: readonly string[]
  position: number
}

export interface CallOperand {
  kind: 'call'
  name: string
  operands: readonly Operand[]
  position: number
}

export type Operand = LiteralOperand | PathOperand | CallOperand

export const comparisonOperators = ['=', '!=', '<', '<=', '>', '>='] as const
export type ComparisonOperator = (typeof comparisonOperators)[number]

export type Condition =
  | { kind: 'and' | 'or'; parts: readonly Condition[] }
  | { kind: 'not'; condition: Condition }
  /** `!contains(…)` and `!match(…)`: true only if the first argument is a text and the function is false. */
  | { kind: 'not-call'; call: CallOperand }
  /** An operand alone: true only if its value is `true`. */
  | { kind: 'bare'; operand: Operand }
  | { kind: 'compare'; operator: ComparisonOperator; operand: Operand; literal: LiteralOperand }
  | { kind: 'in-list'; operand: Operand; entries: readonly LiteralOperand[] }
  | { kind: 'in-path'; operand: Operand; path: PathOperand }
