import type { PersonReference } from './operation.ts'

/**
 * Identifiers that may not come back. Documented: suppressing a person with both an id and an email suppresses both, and
 * unsuppressing either lifts both; operations on a suppressed identifier are ignored.
 */
export class Suppressions {
  /** Each identifier with all that were suppressed together with it. */
  readonly #groups = new Map<string, readonly string[]>()

  has(reference: PersonReference): boolean {
    return keysOf(reference).some((key) => this.#groups.has(key))
  }

  /** `known` holds the identifiers of the profile that is deleted now. */
  add(
    reference: PersonReference,
    known: { readonly id?: string | undefined; readonly email?: string | undefined },
  ): void {
    const keys = new Set([...keysOf(reference), ...keysOf(known)])
    for (const key of keys) this.#groups.set(key, [...keys])
  }

  remove(reference: PersonReference): void {
    for (const key of keysOf(reference)) {
      for (const each of this.#groups.get(key) ?? []) this.#groups.delete(each)
    }
  }
}

function keysOf(identifiers: { readonly [key in 'id' | 'email' | 'cioId']?: string | undefined }): string[] {
  const { id, email, cioId } = identifiers
  return [
    ...(id === undefined ? [] : [`id:${id}`]),
    ...(email === undefined ? [] : [`email:${email.toLowerCase()}`]),
    ...(cioId === undefined ? [] : [`cio_id:${cioId}`]),
  ]
}
