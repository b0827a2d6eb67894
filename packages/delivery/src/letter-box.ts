import type { Payload } from '@millrace/component-kit'
import type { Message } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor } from '@millrace/storage'
import type { Attempt } from './attempt-history.ts'
import type { DeadLetterKeeper } from './dead/dead-letter-keeper.ts'
import type { Failure } from './delivery.ts'
import type { DeadLetter } from './delivery-state.ts'
import type { PlacedDeadLetter } from './destination-committer.ts'
import { outcomeTerms } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import type { StoredKind } from './outcome-kind.ts'

/** What a dead letter says of its delivery. */
export interface Buried extends Cursor {
  /** The name of the mapping. */
  action: string
  messageId: string
  source: string
  key?: string | undefined
  attempts: number
  history?: readonly Attempt[] | undefined
  firstAttemptMs: number
  redrives?: number
}

const LONGEST_DETAIL = 2_048

/** The dead letters of one destination that are not yet stored. */
export class LetterBox {
  readonly #keeper: DeadLetterKeeper
  readonly #now: () => number
  #letters: PlacedDeadLetter[] = []

  constructor(keeper: DeadLetterKeeper, now: () => number) {
    this.#keeper = keeper
    this.#now = now
  }

  /**
   * Writes the letter of a delivery that is dead.
   * @param sent What a copy is made of; undefined when the message is not at hand.
   * @param kind Tells what is known of the whole row once it is complete; absent where a late row says it.
   * @param keptBytes The size of the copy that is there from an earlier death.
   * @returns Whether there is a new copy.
   */
  write(
    of: Buried,
    code: OutcomeCode,
    failure: Failure,
    sent: { message: Message; payload: Payload } | undefined,
    { kind, keptBytes }: { kind?: () => StoredKind; keptBytes?: number | undefined } = {},
  ): boolean {
    const copy = sent && this.#keeper.copyOf(sent.message, sent.payload)
    const copyBytes = copy?.length ?? keptBytes
    const letter: DeadLetter = {
      messageId: of.messageId,
      source: of.source,
      action: of.action,
      reason: outcomeTerms[code]?.reason ?? String(code),
      code: failure.code,
      detail: failure.message.slice(0, LONGEST_DETAIL),
      attempts: of.attempts,
      ...(of.history && { history: of.history }),
      ...(of.attempts > 0 && { firstAttemptAt: new Date(of.firstAttemptMs).toISOString() }),
      at: new Date(this.#now()).toISOString(),
      ...(of.key !== undefined && { key: of.key }),
      ...(of.redrives !== undefined && { redrives: of.redrives }),
      ...(copyBytes !== undefined && { copyBytes }),
    }
    this.#letters.push({ block: of.block, index: of.index, letter, copy, ...(kind && { kind }) })
    return copy !== undefined
  }

  /** Takes out the letters of rows before a place. */
  take(to: Cursor): PlacedDeadLetter[] {
    const letters = this.#letters.filter((letter) => compareCursors(letter, to) < 0)
    if (letters.length > 0) this.#letters = this.#letters.filter((letter) => compareCursors(letter, to) >= 0)
    for (const { letter, kind } of letters) if (kind !== undefined) letter.kind = kind()
    return letters
  }

  stored(letters: readonly PlacedDeadLetter[]): void {
    this.#keeper.stored(letters)
  }
}
