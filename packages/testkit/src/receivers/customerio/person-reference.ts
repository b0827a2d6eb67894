import type { Operation, PersonReference } from './operation.ts'

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
