import type { HttpRequest } from '@millrace/component-kit'
import { okBody } from '@millrace/testkit'
import type { Attempt } from './simulated-destination.ts'

/**
 * A receiver that honours idempotency keys, and notes what must hold of what it is sent. Time is counted in events (requests,
 * commits, restarts), of which no two are at once.
 */
export class SimulatedReceiver {
  /** By `<action> <id>`: how often it was accepted, that is, came with a key that was new. */
  readonly accepted = new Map<string, number>()
  /** By `<action> <id>`: the event of its last attempt. */
  readonly lastAttempt = new Map<string, number>()
  /** What must not be. Kept until the end, because the runner takes an exception for a mistake of the destination. */
  readonly faults: string[] = []
  copies = 0
  /** By `<action> <id>`: those come out of the order of their person. */
  readonly redriven = new Set<string>()
  readonly #keys = new Map<string, string>()
  /** By person: the number of the first message of the last batch in this life of the process. */
  #first = new Map<string, number>()
  readonly #tick: () => number

  readonly #inOrder: boolean

  /** @param inOrder Whether the order of each person is promised. */
  constructor(tick: () => number, inOrder: boolean) {
    this.#tick = tick
    this.#inOrder = inOrder
  }

  /** The process was started again: it goes on from its cursor. */
  restarted(): void {
    this.#first = new Map()
  }

  /**
   * A batch that failed is sent again as it was, so of each person the first message of a batch is never before the first one
   * of the batch before; and within a batch they are in order.
   */
  attempted(batch: readonly Attempt[]): void {
    const event = this.#tick()
    const latest = new Map<string, number>()
    for (const { action, id, person } of batch) {
      this.lastAttempt.set(`${action} ${id}`, event)
      if (this.redriven.has(`${action} ${id}`)) continue
      const number = Number(id.slice(1))
      const before = latest.get(person) ?? this.#first.get(person) ?? -1
      if (this.#inOrder && number < before) this.faults.push(`message ${number} of ${person} was sent after ${before}`)
      if (!latest.has(person)) this.#first.set(person, number)
      latest.set(person, number)
    }
  }

  receive(request: HttpRequest): string {
    if (request.method === 'GET') return okBody
    for (const { action, id, key } of JSON.parse(request.body as string) as Attempt[]) {
      const name = `${action} ${id}`
      const known = this.#keys.get(key)
      if (known !== undefined && known !== name) this.faults.push(`${known} and ${name} have the same key`)
      this.#keys.set(key, name)
      if (known === undefined) this.accepted.set(name, (this.accepted.get(name) ?? 0) + 1)
      else this.copies++
    }
    return okBody
  }
}
