import type { Json, JsonObject } from '@millrace/protocol'
import type { EventKind, ObjectReference, Platform } from './operation.ts'

/** What somebody did, as the activity of a person shows it. */
export interface CustomerIoEvent {
  readonly kind: EventKind
  readonly name: string
  /** As it was sent, ULID or not. */
  readonly id?: string
  /** Seconds since 1970: as sent, else when it was received. */
  readonly timestamp: number
  readonly attributes: JsonObject
}

export interface CustomerIoDevice {
  readonly token: string
  readonly platform: Platform
  /** Seconds since 1970. */
  readonly lastUsed: number
  readonly attributes: JsonObject
}

/** A relationship as the person has it. */
export interface CustomerIoRelationship {
  readonly object: ObjectReference
  readonly attributes: JsonObject
}

export interface CustomerIoObject extends ObjectReference {
  readonly attributes: JsonObject
}

/** A profile without its history. */
export interface CustomerIoPerson {
  readonly cioId: string
  readonly id?: string
  readonly email?: string
  /** Without id and email; `anonymous_id` is among them. */
  readonly attributes: JsonObject
}

/** A profile with all that is deleted and merged with it. */
export interface Profile {
  readonly cioId: string
  /** The place in the order of creation: a smaller one is older. */
  readonly number: number
  id: string | undefined
  email: string | undefined
  /** Each with the time of its last update, in seconds since 1970. */
  readonly attributes: Map<string, { readonly value: Json; readonly seconds: number }>
  readonly events: CustomerIoEvent[]
  readonly devices: Map<string, CustomerIoDevice>
  /** By `objectKey`. */
  readonly relationships: Map<string, CustomerIoRelationship>
}

export const objectKey = ({ typeId, id }: ObjectReference): string => `${typeId}:${id}`

/** Documented: null and the empty string remove an attribute of an object or relationship. The same for people: assumed. */
export const removes = (value: Json | undefined): boolean => value === null || value === ''

/** Documented: an update touches the attributes that it names; the others stay. */
export function withAttributes(attributes: JsonObject, changes: JsonObject): JsonObject {
  const merged = new Map(Object.entries(attributes))
  for (const [name, value] of Object.entries(changes)) {
    if (removes(value)) merged.delete(name)
    else merged.set(name, value)
  }
  return Object.fromEntries(merged)
}

/** Updates in the order of their timestamps, whatever the order of their arrival: documented for identify. */
export function updateAttributes(profile: Profile, changes: JsonObject, seconds: number): void {
  for (const [name, value] of Object.entries(changes)) {
    const known = profile.attributes.get(name)
    if (known === undefined || known.seconds <= seconds) profile.attributes.set(name, { value, seconds })
  }
}

export function describePerson({ cioId, id, email, attributes }: Profile): CustomerIoPerson {
  return {
    cioId,
    ...(id === undefined ? {} : { id }),
    ...(email === undefined ? {} : { email }),
    // Removed ones stay in the map with their time, so that an older update does not bring them back.
    attributes: Object.fromEntries(
      [...attributes].flatMap(([name, { value }]) => (removes(value) ? [] : [[name, value]])),
    ),
  }
}

/** By timestamp; of equal ones in the order of arrival. */
export const inTimeOrder = (events: readonly CustomerIoEvent[]): CustomerIoEvent[] =>
  [...events].sort((a, b) => a.timestamp - b.timestamp)
