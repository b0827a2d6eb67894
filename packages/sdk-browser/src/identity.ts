import type { Stores } from './stores.ts'

/** Who the person or the group is, as the page remembers it. */
export interface Identity {
  id: (id?: string | null) => string | undefined
  traits: (traits?: object | null) => object
  /** Takes over a new id and traits: those of the same one are added to, those of another forgotten. */
  identify: (id: string | undefined, traits: object | undefined) => void
  reset: () => void
}

export interface Person extends Identity {
  /** The anonymous id, made at first use. Given one, it is that from now on; `null` forgets it. */
  anonymousId: (id?: string | null) => string
  logout: () => void
}

const createIdentity = (stores: Stores, idKey: string, traitsKey: string, onChange: () => void): Identity => {
  const id: Identity['id'] = (given) => {
    const before = stores.text(idKey)
    if (given === undefined) return before
    stores.setText(idKey, given ?? undefined)
    if (before !== undefined && given !== null && given !== before) onChange()
    return given ?? undefined
  }
  const traits: Identity['traits'] = (given) => {
    if (given !== undefined) stores.setObject(traitsKey, given ?? undefined)
    return given ?? stores.object(traitsKey) ?? {}
  }
  return {
    id,
    traits,
    identify: (given, added) => {
      const before = id()
      const isSame = before === undefined || given === undefined || before === given
      if (given !== undefined) id(given)
      traits({ ...(isSame && traits()), ...added })
    },
    reset: () => {
      id(null)
      traits(null)
    },
  }
}

/** The keys of analytics.js, so that a site that changes its client keeps its visitors. */
export const createPerson = (stores: Stores, newId: () => string): Person => {
  const key = 'ajs_anonymous_id'
  const anonymousId: Person['anonymousId'] = (given) => {
    if (given !== undefined) stores.setText(key, given ?? undefined)
    if (given === null) return ''
    const known = stores.text(key)
    if (known !== undefined) return known
    const made = newId()
    stores.setText(key, made)
    return made
  }
  // Another person on the same device must not share the anonymous id of the one before.
  const identity = createIdentity(stores, 'ajs_user_id', 'ajs_user_traits', () => anonymousId(null))
  const reset = (): void => {
    identity.reset()
    anonymousId(null)
  }
  return { ...identity, anonymousId, reset, logout: reset }
}

export const createGroup = (stores: Stores): Identity =>
  createIdentity(stores, 'ajs_group_id', 'ajs_group_properties', () => undefined)
