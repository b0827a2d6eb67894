import { anonymousRetentionMs, lateAnonymousMs } from './limits.ts'
import { inTimeOrder, objectKey, withAttributes } from './person.ts'
import type { CustomerIoEvent, CustomerIoRelationship, Profile } from './person.ts'

interface Received<T> {
  readonly item: T
  readonly receivedAtMs: number
}

interface Waiting {
  events: Received<CustomerIoEvent>[]
  relationships: Received<CustomerIoRelationship>[]
}

/**
 * What people did before they were identified, by anonymous id, and who has claimed which anonymous id.
 *
 * Documented: an anonymous event is kept for 30 days. Identifying a person with the attribute `anonymous_id` gives them the
 * events of that id, those that arrive up to five minutes later included; relationships of the id carry over as well.
 * Events that arrive later than that stay anonymous; whether a further identify with the same anonymous id takes them over
 * is documented both ways, and here it does. Documented: an anonymous id is "unique and not reusable"; so here the first
 * person who claims it keeps it, and the claim of another person fails.
 */
export class AnonymousActivity {
  readonly #waiting = new Map<string, Waiting>()
  readonly #claims = new Map<string, { profile: Profile; atMs: number }>()
  /** Nothing that waits is older: spares looking at all of it with each operation. */
  #oldestMs = Number.POSITIVE_INFINITY

  /** Keeps what is done now, or gives it to the person who claimed this id in the last five minutes. */
  add(anonymousId: string, { event, relationship }: Activity, nowMs: number): void {
    const claim = this.#claims.get(anonymousId)
    if (claim !== undefined && nowMs - claim.atMs <= lateAnonymousMs) {
      if (event !== undefined) claim.profile.events.push(event)
      if (relationship !== undefined) relate(claim.profile, relationship)
      return
    }
    const waiting = this.#waiting.get(anonymousId) ?? { events: [], relationships: [] }
    this.#waiting.set(anonymousId, waiting)
    this.#oldestMs = Math.min(this.#oldestMs, nowMs)
    if (event !== undefined) waiting.events.push({ item: event, receivedAtMs: nowMs })
    if (relationship !== undefined) waiting.relationships.push({ item: relationship, receivedAtMs: nowMs })
  }

  /** False when the id belongs to another person: then nothing changes. */
  claim(anonymousId: string, profile: Profile, nowMs: number): boolean {
    const claim = this.#claims.get(anonymousId)
    if (claim !== undefined && claim.profile !== profile) return false
    this.#claims.set(anonymousId, { profile, atMs: nowMs })
    this.expire(nowMs)
    const waiting = this.#waiting.get(anonymousId)
    this.#waiting.delete(anonymousId)
    profile.events.push(...(waiting?.events ?? []).map(({ item }) => item))
    for (const { item } of waiting?.relationships ?? []) relate(profile, item)
    return true
  }

  /** Deletes what is older than 30 days. */
  expire(nowMs: number): void {
    if (nowMs - this.#oldestMs <= anonymousRetentionMs) return
    this.#oldestMs = Number.POSITIVE_INFINITY
    const isYoung = ({ receivedAtMs }: Received<unknown>): boolean => nowMs - receivedAtMs <= anonymousRetentionMs
    for (const [anonymousId, waiting] of this.#waiting) {
      waiting.events = waiting.events.filter(isYoung)
      waiting.relationships = waiting.relationships.filter(isYoung)
      const times = [...waiting.events, ...waiting.relationships].map(({ receivedAtMs }) => receivedAtMs)
      if (times.length === 0) this.#waiting.delete(anonymousId)
      this.#oldestMs = Math.min(this.#oldestMs, ...times)
    }
  }

  /** The claims of a person who was merged go to who remains: assumed. */
  moveClaims(from: Profile, to: Profile): void {
    for (const claim of this.#claims.values()) {
      if (claim.profile === from) claim.profile = to
    }
  }

  /** A person who was deleted claims nothing: assumed. */
  dropClaims(profile: Profile): void {
    for (const [anonymousId, claim] of this.#claims) {
      if (claim.profile === profile) this.#claims.delete(anonymousId)
    }
  }

  /** An object that was deleted has no relationships. */
  forgetObject(key: string): void {
    for (const waiting of this.#waiting.values()) {
      waiting.relationships = waiting.relationships.filter(({ item }) => objectKey(item.object) !== key)
    }
  }

  /** What still waits for a person, in the order of timestamps. */
  eventsOf(anonymousId: string): CustomerIoEvent[] {
    return inTimeOrder((this.#waiting.get(anonymousId)?.events ?? []).map(({ item }) => item))
  }

  relationshipsOf(anonymousId: string): CustomerIoRelationship[] {
    return (this.#waiting.get(anonymousId)?.relationships ?? []).map(({ item }) => item)
  }

  /** Every anonymous id with events or relationships that wait. */
  anonymousIds(): string[] {
    return [...this.#waiting.keys()]
  }
}

interface Activity {
  readonly event?: CustomerIoEvent
  readonly relationship?: CustomerIoRelationship
}

/** Adds a relationship, or updates the attributes of the one that is there. */
export function relate(profile: Profile, { object, attributes }: CustomerIoRelationship): void {
  const key = objectKey(object)
  const known = profile.relationships.get(key)?.attributes ?? {}
  profile.relationships.set(key, { object, attributes: withAttributes(known, attributes) })
}
