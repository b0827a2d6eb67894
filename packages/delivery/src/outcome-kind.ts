import { outcomeCodes, outcomeTerms, worse } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'

/** What became of a row at a destination: in all, and at each action that the message was for. */
export interface OutcomeKind {
  /** The worst of the actions'; without actions, why there is none. */
  readonly code: OutcomeCode
  /**
   * By name, sorted. Empty for a row that was for no action, and for all rows of a warehouse, which has none. Their codes are
   * of the terms delivered and dead.
   */
  readonly actions: readonly ActionOutcome[]
}

/** A kind as it is stored: the worst code, then each action and its code. */
export type StoredKind = readonly (string | number)[]

export const storedKind = ({ code, actions }: OutcomeKind): StoredKind => [code, ...actions.flat()]

export const kindOf = ([code, ...rest]: StoredKind): OutcomeKind => ({
  code: code as OutcomeCode,
  actions: Array.from(
    { length: rest.length / 2 },
    (_, at) => [rest[2 * at], rest[2 * at + 1]] as unknown as ActionOutcome,
  ),
})

/** The kind of a row of which one action has another outcome now. */
export const withOutcome = ({ actions }: OutcomeKind, action: string, code: OutcomeCode): OutcomeKind => {
  const changed = actions.map((each): ActionOutcome => (each[0] === action ? [action, code] : each))
  return { code: worstOf(changed), actions: changed }
}

export type ActionOutcome = readonly [action: string, code: OutcomeCode]

/**
 * The kinds that a window has met, numbered: so a row's outcome is one number, however many actions it had, and settling
 * allocates only when a kind is met for the first time. The first numbers are the bare outcome codes. A kind that is not yet
 * complete, because some action still has to report, has a number as well.
 */
export class OutcomeKinds {
  /** By number. Grows, and is never changed otherwise. */
  readonly list: readonly OutcomeKind[]
  readonly #kinds: OutcomeKind[]
  readonly #numbers = new Map<string, number>()
  /** By number: action → the numbers, by the action's code, of what the kind becomes when that action reports. */
  readonly #after: (Map<string, number[]> | undefined)[] = []

  constructor() {
    this.#kinds = outcomeTerms.map((_, code) => ({ code: code as OutcomeCode, actions: [] }))
    this.list = this.#kinds
  }

  /** The number of a kind with the outcome of one more action. Begins at `outcomeCodes.pending`. */
  with(kind: number, action: string, code: OutcomeCode): number {
    const known = this.#after[kind]?.get(action)?.[code]
    return known ?? this.#add(kind, action, code)
  }

  #add(kind: number, action: string, code: OutcomeCode): number {
    const before = this.#kinds[kind] as OutcomeKind
    const actions = [...before.actions, [action, code] as const].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    const text = JSON.stringify(actions)
    let number = this.#numbers.get(text)
    if (number === undefined) {
      number = this.#kinds.push({ code: worstOf(actions), actions }) - 1
      this.#numbers.set(text, number)
    }
    const after = (this.#after[kind] ??= new Map<string, number[]>())
    const byCode = after.get(action) ?? []
    after.set(action, byCode)
    byCode[code] = number
    return number
  }
}

/** The outcome of a message that was for these actions, of which there is at least one. */
export const worstOf = (actions: readonly ActionOutcome[]): OutcomeCode =>
  actions.reduce<OutcomeCode>((worst, [, code]) => worse(worst, code), outcomeCodes.notResolved)
