import type { JsonObject } from '@millrace/protocol'
import { AnonymousActivity, relate } from './anonymous-activity.ts'
import { identifyPerson } from './identify-person.ts'
import { mergePeople } from './merge-people.ts'
import type { EventOperation, Metric, ObjectReference, Operation, PersonReference } from './operation.ts'
import { People } from './people.ts'
import { describePerson, inTimeOrder, objectKey, updateAttributes, withAttributes } from './person.ts'
import type {
  CustomerIoDevice,
  CustomerIoEvent,
  CustomerIoObject,
  CustomerIoPerson,
  CustomerIoRelationship,
  Profile,
} from './person.ts'
import { linksOf, peopleOf, referenceOf } from './person-reference.ts'
import { Suppressions } from './suppressions.ts'
import { isUlid } from './ulid.ts'

export interface WorkspaceOptions {
  /** The setting "Allow updates to email using ID". Default true; which default a real workspace has is not known. */
  emailUpdatesById?: boolean
}

/** Something that was accepted and had less effect than it asks for, as the activity log of a workspace would show it. */
export interface Notice {
  readonly kind: 'failed_attribute_change' | 'ignored' | 'duplicate'
  readonly action: Operation['action']
  readonly why: string
}

/**
 * The state of one Customer.io workspace, without any network: people, devices, objects, relationships, events, and what
 * each operation of the Track API does to them. The rules say for themselves whether they are documented or assumed; not
 * modelled are segments, campaigns, messages, phone numbers as identifiers, and attribute names in dot notation.
 * @example
 * const workspace = new CustomerIoWorkspace()
 * workspace.apply({ action: 'identify', person: { id: 'u-1' }, attributes: {}, relationships: [] }, Date.now())
 */
export class CustomerIoWorkspace {
  readonly #emailUpdatesById: boolean
  readonly #people = new People()
  readonly #anonymous = new AnonymousActivity()
  readonly #suppressions = new Suppressions()
  readonly #objects = new Map<string, CustomerIoObject>()
  readonly #eventIds = new Set<string>()
  readonly #metrics: Metric[] = []
  readonly #notices: Notice[] = []

  constructor({ emailUpdatesById = true }: WorkspaceOptions = {}) {
    this.#emailUpdatesById = emailUpdatesById
  }

  /** @param nowMs when the operation is received, in milliseconds since 1970; must not go back */
  apply(operation: Operation, nowMs: number): void {
    this.#anonymous.expire(nowMs)
    if (operation.action === 'unsuppress') return this.#suppressions.remove(operation.person)
    const people = peopleOf(operation)
    if (people.some((person) => this.#suppressions.has(person))) return this.#ignore(operation, 'it is suppressed')
    this.#apply(operation, nowMs)
  }

  #apply(operation: Exclude<Operation, { action: 'unsuppress' }>, nowMs: number): void {
    switch (operation.action) {
      case 'identify': {
        this.#identify(operation, nowMs)
        break
      }
      case 'event': {
        this.#track(operation, nowMs)
        break
      }
      case 'add_device': {
        this.#addDevice(operation, nowMs)
        break
      }
      case 'delete_device': {
        const isDeleted = this.#people.find(operation.person)?.devices.delete(operation.token) ?? false
        if (!isDeleted) this.#ignore(operation, 'nobody has this device')
        break
      }
      case 'delete':
      case 'suppress': {
        this.#remove(operation)
        break
      }
      case 'merge': {
        this.#merge(operation)
        break
      }
      case 'identify_object': {
        this.#identifyObject(operation, nowMs)
        break
      }
      case 'delete_object': {
        this.#deleteObject(operation)
        break
      }
      case 'add_relationships':
      case 'add_object_relationships': {
        for (const { person, object, attributes } of linksOf(operation)) {
          const profile = this.#personFor(operation, person)
          if (profile !== undefined) this.#relate(profile, object, attributes)
        }
        break
      }
      case 'delete_relationships':
      case 'delete_object_relationships': {
        for (const { person, object } of linksOf(operation)) {
          this.#people.find(person)?.relationships.delete(objectKey(object))
        }
        break
      }
      case 'metric': {
        const { action: _action, ...metric } = operation
        this.#metrics.push(metric)
      }
    }
  }

  #identify(operation: Extract<Operation, { action: 'identify' }>, nowMs: number): void {
    const { person: reference, relationships, timestamp = Math.floor(nowMs / 1000) } = operation
    // Documented: nobody sees a profile of somebody anonymous. That its attributes are not kept is assumed.
    if ('anonymousId' in reference) return this.#ignore(operation, 'somebody anonymous has no profile')
    const fail = (attribute: string, why: string): void => {
      this.#notices.push({ kind: 'failed_attribute_change', action: 'identify', why: `${attribute}: ${why}` })
    }
    const profile = identifyPerson(
      {
        people: this.#people,
        suppressions: this.#suppressions,
        emailUpdatesById: this.#emailUpdatesById,
        merge: (primary, secondary) => mergePeople(this.#people, this.#anonymous, primary, secondary),
        fail,
      },
      reference,
      operation.attributes,
    )
    if (profile === undefined) return this.#ignore(operation, 'there is no such person')
    const {
      id: _id,
      email: _email,
      cio_id: _cioId,
      _update,
      anonymous_id: anonymousId,
      ...attributes
    } = operation.attributes
    if (typeof anonymousId === 'string' && anonymousId !== '') {
      if (this.#anonymous.claim(anonymousId, profile, nowMs)) attributes['anonymous_id'] = anonymousId
      else fail('anonymous_id', 'it belongs to another person')
    }
    updateAttributes(profile, attributes, timestamp)
    for (const relation of relationships) this.#relate(profile, relation.target, relation.attributes)
  }

  #track(operation: EventOperation, nowMs: number): void {
    const { person, kind, name, id, attributes, timestamp = Math.floor(nowMs / 1000) } = operation
    // Assumed: one id is one event in the whole workspace, for ever.
    if (id !== undefined && isUlid(id)) {
      if (this.#eventIds.has(id.toUpperCase())) {
        this.#notices.push({ kind: 'duplicate', action: 'event', why: `an event has the id ${id}` })
        return
      }
      this.#eventIds.add(id.toUpperCase())
    }
    const event: CustomerIoEvent = { kind, name, ...(id === undefined ? {} : { id }), timestamp, attributes }
    if ('anonymousId' in person) this.#anonymous.add(person.anonymousId, { event }, nowMs)
    else this.#personFor(operation, person)?.events.push(event)
  }

  #addDevice(operation: Extract<Operation, { action: 'add_device' }>, nowMs: number): void {
    const { token, platform, attributes, lastUsed = Math.floor(nowMs / 1000) } = operation
    const profile = this.#personFor(operation, operation.person)
    if (profile === undefined) return
    // Assumed: a token is one app on one phone, so it moves with whoever is logged in.
    for (const each of this.#people.all()) if (each !== profile) each.devices.delete(token)
    const known = profile.devices.get(token)?.attributes ?? {}
    profile.devices.set(token, { token, platform, lastUsed, attributes: withAttributes(known, attributes) })
  }

  #remove(operation: Extract<Operation, { action: 'delete' | 'suppress' | 'unsuppress' }>): void {
    const profile = this.#people.find(operation.person)
    const suppress = operation.action === 'suppress'
    if (suppress) this.#suppressions.add(operation.person, { id: profile?.id, email: profile?.email })
    if (profile === undefined) return suppress ? undefined : this.#ignore(operation, 'there is no such person')
    this.#people.remove(profile)
    return this.#anonymous.dropClaims(profile)
  }

  #merge(operation: Extract<Operation, { action: 'merge' }>): void {
    const primary = this.#people.find(operation.primary)
    const secondary = this.#people.find(operation.secondary)
    // Documented for the primary: "your request won't do anything". The same for the secondary: assumed.
    if (primary === undefined) return this.#ignore(operation, 'the primary person does not exist')
    if (secondary === undefined) return this.#ignore(operation, 'the secondary person does not exist')
    if (primary === secondary) return this.#ignore(operation, 'both are the same person')
    return mergePeople(this.#people, this.#anonymous, primary, secondary)
  }

  #identifyObject(operation: Extract<Operation, { action: 'identify_object' }>, nowMs: number): void {
    const { object, attributes, relationships } = operation
    this.#object(object, attributes)
    for (const { target, attributes: own } of relationships) {
      if ('anonymousId' in target) {
        const relationship = { object, attributes: withAttributes({}, own) }
        this.#anonymous.add(target.anonymousId, { relationship }, nowMs)
        continue
      }
      const profile = this.#personFor(operation, target)
      if (profile !== undefined) this.#relate(profile, object, own)
    }
  }

  #deleteObject(operation: Extract<Operation, { action: 'delete_object' }>): void {
    const key = objectKey(operation.object)
    if (!this.#objects.delete(key)) return this.#ignore(operation, 'there is no such object')
    for (const profile of this.#people.all()) profile.relationships.delete(key)
    return this.#anonymous.forgetObject(key)
  }

  /** Documented: an object that does not exist is made. That a relationship makes it too is assumed. */
  #relate(profile: Profile, object: ObjectReference, attributes: JsonObject): void {
    this.#object(object, {})
    relate(profile, { object, attributes })
  }

  #object({ typeId, id }: ObjectReference, changes: JsonObject): void {
    const key = objectKey({ typeId, id })
    const known = this.#objects.get(key)?.attributes ?? {}
    this.#objects.set(key, { typeId, id, attributes: withAttributes(known, changes) })
  }

  /**
   * Documented: "calls that update customers by ID can also create a customer". Here every event, device and relationship
   * of an unknown id or email does; one of an unknown cio_id is dropped.
   */
  #personFor(operation: Operation, reference: PersonReference): Profile | undefined {
    const found = this.#people.find(reference)
    if (found !== undefined) return found
    if (this.#suppressions.has(reference)) {
      this.#ignore(operation, 'it is suppressed')
      return undefined
    }
    if (!('cioId' in reference)) return this.#people.create(reference)
    this.#ignore(operation, 'nobody has this cio_id')
    return undefined
  }

  #ignore({ action }: Operation, why: string): void {
    this.#notices.push({ kind: 'ignored', action, why })
  }

  /** One profile, by `id`, email address (anything with an `@`) or `cio_…`. */
  person(identifier: string): CustomerIoPerson | undefined {
    const profile = this.#find(identifier)
    return profile === undefined ? undefined : describePerson(profile)
  }

  /** All profiles, in the order of their creation. */
  people(): CustomerIoPerson[] {
    return this.#people.all().map(describePerson)
  }

  /** All objects, by type and id. */
  objects(): CustomerIoObject[] {
    return [...this.#objects.values()].sort((a, b) => (objectKey(a) < objectKey(b) ? -1 : 1))
  }

  /** What a person did, taken-over activity included, by timestamp. Nobody has no events. */
  eventsOf(identifier: string): CustomerIoEvent[] {
    return inTimeOrder(this.#find(identifier)?.events ?? [])
  }

  devicesOf(identifier: string): CustomerIoDevice[] {
    return [...(this.#find(identifier)?.devices.values() ?? [])]
  }

  relationshipsOf(identifier: string): CustomerIoRelationship[] {
    return [...(this.#find(identifier)?.relationships.values() ?? [])]
  }

  /** What still waits for somebody to be identified with this anonymous id, by timestamp. */
  anonymousEvents(anonymousId: string): CustomerIoEvent[] {
    return this.#anonymous.eventsOf(anonymousId)
  }

  anonymousRelationships(anonymousId: string): CustomerIoRelationship[] {
    return this.#anonymous.relationshipsOf(anonymousId)
  }

  /** Every anonymous id of which something waits. */
  anonymousIds(): string[] {
    return this.#anonymous.anonymousIds()
  }

  /** What was reported about messages, in the order of arrival. */
  metrics(): readonly Metric[] {
    return this.#metrics
  }

  /** Adds a report: the endpoint of version 1 has no operation around it. */
  report(metric: Metric): void {
    this.#metrics.push(metric)
  }

  /** What was accepted without its full effect, in the order of arrival. */
  notices(): readonly Notice[] {
    return this.#notices
  }

  #find(identifier: string): Profile | undefined {
    const byId = this.#people.find({ id: identifier })
    return byId ?? this.#people.find(referenceOf(identifier))
  }
}
