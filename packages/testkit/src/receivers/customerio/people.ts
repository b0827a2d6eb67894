import type { PersonReference } from './operation.ts'
import type { Profile } from './person.ts'

/** Documented: an email address is the same person in upper and lower case. */
const fold = (email: string): string => email.toLowerCase()

/** All profiles, found by any identifier. An identifier belongs to one profile at most. */
export class People {
  readonly #byCioId = new Map<string, Profile>()
  readonly #byId = new Map<string, Profile>()
  readonly #byEmail = new Map<string, Profile>()
  #created = 0

  find(reference: PersonReference): Profile | undefined {
    if ('id' in reference) return this.#byId.get(reference.id)
    if ('email' in reference) return this.#byEmail.get(fold(reference.email))
    return this.#byCioId.get(reference.cioId)
  }

  /** A new profile with this identifier, which must be free. A cio_id cannot be chosen. */
  create(reference: Exclude<PersonReference, { cioId: string }>): Profile {
    const number = ++this.#created
    const profile: Profile = {
      cioId: number.toString(16).padStart(12, '0'),
      number,
      id: undefined,
      email: undefined,
      attributes: new Map(),
      events: [],
      devices: new Map(),
      relationships: new Map(),
    }
    this.#byCioId.set(profile.cioId, profile)
    if ('id' in reference) this.setId(profile, reference.id)
    else this.setEmail(profile, reference.email)
    return profile
  }

  setId(profile: Profile, id: string): void {
    if (profile.id !== undefined) this.#byId.delete(profile.id)
    profile.id = id
    this.#byId.set(id, profile)
  }

  setEmail(profile: Profile, email: string | undefined): void {
    if (profile.email !== undefined) this.#byEmail.delete(fold(profile.email))
    profile.email = email
    if (email !== undefined) this.#byEmail.set(fold(email), profile)
  }

  remove(profile: Profile): void {
    this.#byCioId.delete(profile.cioId)
    if (profile.id !== undefined) this.#byId.delete(profile.id)
    this.setEmail(profile, undefined)
  }

  /** In the order of their creation. */
  all(): Profile[] {
    return [...this.#byCioId.values()]
  }
}
