import assert from 'node:assert/strict'
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
  copies = 0
  readonly #keys = new Map<string, string>()
  /** By person: the number of the message that was attempted last in this life of the process. */
  #latest = new Map<string, number>()
  readonly #tick: () => number

  constructor(tick: () => number) {
    this.#tick = tick
  }

  /** The process was started again: it goes on from its cursor. */
  restarted(): void {
    this.#latest = new Map()
  }

  attempted(batch: readonly Attempt[]): void {
    const event = this.#tick()
    for (const { action, id, person } of batch) {
      const number = Number(id.slice(1))
      const before = this.#latest.get(person) ?? -1
      assert.ok(number >= before, `message ${number} of ${person} was sent after ${before}`)
      this.#latest.set(person, number)
      this.lastAttempt.set(`${action} ${id}`, event)
    }
  }

  receive(request: HttpRequest): string {
    if (request.method === 'GET') return okBody
    for (const { action, id, key } of JSON.parse(request.body as string) as Attempt[]) {
      const name = `${action} ${id}`
      const known = this.#keys.get(key)
      assert.ok(known === undefined || known === name, `${known} and ${name} have the same key`)
      this.#keys.set(key, name)
      if (known === undefined) this.accepted.set(name, (this.accepted.get(name) ?? 0) + 1)
      else this.copies++
    }
    return okBody
  }
}
