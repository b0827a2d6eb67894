import type { JsonObject } from '@millrace/protocol'
import type { ObjectReference, Operation, PersonReference } from './operation.ts'

/** An identifier as paths of version 1 write it. */
export function referenceOf(identifier: string): PersonReference {
  if (identifier.startsWith('cio_')) return { cioId: identifier.slice('cio_'.length) }
  return identifier.includes('@') ? { email: identifier } : { id: identifier }
}

/** Whom an operation is about, as far as suppression decides on the whole of it. */
export function peopleOf(operation: Operation): PersonReference[] {
  if (operation.action === 'merge') return [operation.primary, operation.secondary]
  return 'person' in operation && !('anonymousId' in operation.person) ? [operation.person] : []
}

export interface Link {
  readonly person: PersonReference
  readonly object: ObjectReference
  readonly attributes: JsonObject
}

/** The relationships of an operation that says them from the side of the person, or of the object. */
export function linksOf(operation: Extract<Operation, { action: `${string}_relationships` }>): Link[] {
  return 'person' in operation
    ? operation.relationships.map(({ target, attributes }) => ({
        person: operation.person,
        object: target,
        attributes,
      }))
    : operation.relationships.map(({ target, attributes }) => ({
        person: target,
        object: operation.object,
        attributes,
      }))
}
