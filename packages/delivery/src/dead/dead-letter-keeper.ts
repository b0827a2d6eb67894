import type { Outcome, Payload } from '@millrace/component-kit'
import type { JsonObject, Message } from '@millrace/protocol'
import type { CopyBudget } from './copy-budget.ts'
import { DeadCopies, encodeCopy } from './dead-copy.ts'
import type { Exchange, ExchangeRecorder } from './exchange-recorder.ts'

/**
 * Remembers of each delivery that failed its last request and answer, and makes a copy of them when it dies. What succeeds leaves no
 * trace here; what is forgotten by its lane is forgotten here.
 */
export class DeadLetterKeeper {
  readonly #budget: CopyBudget | undefined
  readonly #secrets: () => readonly string[]
  #copies: DeadCopies | undefined
  readonly #exchanges = new WeakMap<Payload, Exchange>()

  constructor(budget: CopyBudget | undefined, secrets: () => readonly string[]) {
    this.#budget = budget
    this.#secrets = secrets
  }

  /** Takes the requests of one call of `deliver`. */
  remember(recorder: ExchangeRecorder, payloads: readonly Payload[], outcomes: readonly Outcome[]): void {
    for (const [at, { status }] of outcomes.entries()) {
      if (status === 'delivered') continue
      const payload = payloads[at] as Payload
      const exchange = recorder.of(at)
      // An attempt without a request says less than the one before it.
      if (exchange !== undefined) this.#exchanges.set(payload, exchange)
    }
  }

  /** The encoded copy of a message that died; undefined when there is no room for it. */
  copyOf(message: Message, payload: Payload): Uint8Array | undefined {
    if (this.#budget?.hasRoom === false) return undefined
    const { idempotencyKey, messageId } = payload
    // Settings that change bring a new runner, so their secrets are the same for as long as this one lives.
    this.#copies ??= new DeadCopies(this.#secrets())
    const exchange = this.#exchanges.get(payload)
    const copy = encodeCopy(this.#copies.make(message as unknown as JsonObject, exchange, [idempotencyKey, messageId]))
    this.#budget?.add(copy.length)
    return copy
  }

  /** Copies are stored now. */
  stored(letters: readonly { copy?: Uint8Array | undefined }[]): void {
    if (this.#budget === undefined) return
    for (const { copy } of letters) if (copy !== undefined) this.#budget.stored(copy.length)
  }
}
