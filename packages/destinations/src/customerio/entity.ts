import type { JsonObject } from '@millrace/protocol'
import { isFilled, type Identifiers, type PersonIdentifiers } from './identifiers.ts'

/** A link between a person and an object, seen from the other one. */
export interface Relationship {
  identifiers: Identifiers | undefined
  relationship_attributes?: JsonObject | undefined
}

export interface Device {
  token: string
  platform?: string
  /** Seconds since 1970. */
  last_used?: string | number | undefined
  attributes?: JsonObject
}

/** One operation of the Track API v2: the body of `/api/v2/entity`, an item of `/api/v2/batch`. */
export interface Entity {
  type: 'person' | 'object'
  action: string
  identifiers: Identifiers | undefined
  name?: string
  /** The id of an event. */
  id?: string | undefined
  /** Seconds since 1970. */
  timestamp?: string | number | undefined
  /** Seconds since 1970, of an object. */
  created_at?: string | number | undefined
  attributes?: JsonObject | undefined
  device?: Device
  cio_relationships?: Relationship[]
}

/** The one operation that is about two people. */
export interface Merge {
  type: 'person'
  action: 'merge'
  primary: PersonIdentifiers | undefined
  secondary: PersonIdentifiers | undefined
}

/**
 * The attributes of an operation. Beside another identifier they carry the anonymous id, by which Customer.io finds
 * what the person did before. Undefined when there is nothing to say.
 */
export function withAnonymousId(
  attributes: JsonObject | undefined,
  anonymousId: string | undefined,
  identifiers: Identifiers | undefined,
): JsonObject | undefined {
  const isIdentifier = identifiers === undefined || 'anonymous_id' in identifiers
  if (isIdentifier || !isFilled(anonymousId)) return attributes
  return { ...attributes, anonymous_id: anonymousId }
}

/** Why an operation cannot be sent; undefined when it can. */
export function problemOf(entity: Entity | Merge): string | undefined {
  if ('primary' in entity) {
    return entity.primary === undefined || entity.secondary === undefined
      ? 'Merging takes two people, but "primary" or "secondary" is empty: map an id or e-mail address to each.'
      : undefined
  }
  const { identifiers, cio_relationships: relationships = [] } = entity
  return identifiers === undefined || relationships.some((each) => each.identifiers === undefined)
    ? `Nothing says which ${entity.type} it is about: map a value to the ids of the action.`
    : undefined
}
