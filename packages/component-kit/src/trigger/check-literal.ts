import { textFields } from './message-fields.ts'
import type { ComparisonOperator, LiteralOperand, Operand } from './syntax.ts'
import { TriggerError } from './trigger-error.ts'

/**
 * Refuses comparisons that could never be true, or that other implementations answer in different ways.
 * @throws {TriggerError}
 */
export function checkLiteral(operand: Operand, operator: ComparisonOperator, literal: LiteralOperand): void {
  const isText = isTextField(operand)
  if (operator !== '=' && operator !== '!=') {
    if (typeof literal.value !== 'number') {
      throw new TriggerError(
        `Only numbers can be ordered: write a number without quotes after ${operator}`,
        literal.position,
      )
    }
    if (isText) {
      throw new TriggerError(
        'This field is a text and has no order: use = or !=, or contains and match',
        operand.position,
      )
    }
  }
  if (isText && typeof literal.value === 'boolean') {
    throw new TriggerError(`This field is a text: put ${literal.text} into quotes`, literal.position)
  }
}

/** Whether a number literal stands for its text when it is compared with this operand. */
export function isTextField(operand: Operand): boolean {
  return operand.kind === 'path' && operand.segments.length === 1 && textFields.has(operand.segments[0] ?? '')
}
