import { compileGlob } from './glob.ts'
import { nearestName } from '../nearest-name.ts'
import type { CallOperand } from './syntax.ts'
import { TriggerError } from './trigger-error.ts'

/** How many arguments each function takes. */
const argumentCounts = new Map([
  ['contains', 2],
  ['match', 2],
  ['lowercase', 1],
  ['uppercase', 1],
  ['length', 1],
  ['typeof', 1],
])

/** @throws {TriggerError} if there is no function of this name. */
export function knownFunction(name: string, position: number): void {
  if (argumentCounts.has(name)) return
  const names = [...argumentCounts.keys()]
  const nearest = nearestName(name, names)
  const remedy = nearest === undefined ? `the functions are ${names.join(', ')}` : `did you mean ${nearest}?`
  throw new TriggerError(`There is no function "${name}": ${remedy}`, position)
}

/**
 * Checks the number of arguments, and of `contains` and `match` the literal ones.
 * @param end the position of the closing parenthesis
 * @throws {TriggerError}
 */
export function checkCall(call: CallOperand, end: number): void {
  const { name, operands } = call
  const count = argumentCounts.get(name)
  if (operands.length !== count) {
    const expected = count === 1 ? 'one argument' : `${count} arguments, separated by a comma`
    throw new TriggerError(`${name} takes ${expected}, not ${operands.length}`, end)
  }
  if (name !== 'contains' && name !== 'match') return
  for (const operand of operands) {
    if (operand.kind === 'literal' && typeof operand.value !== 'string') {
      throw new TriggerError(`${name} works on texts: put ${operand.text} into quotes`, operand.position)
    }
  }
  const pattern = operands[1]
  if (name !== 'match' || pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return
  const glob = compileGlob(pattern.value)
  if ('problem' in glob) throw new TriggerError(glob.problem, pattern.position)
}
