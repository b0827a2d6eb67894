import type { ActionExample } from '@millrace/component-kit'
import { defineEntityAction } from './entity-action.ts'
import { exampleMessage } from './example-message.ts'
import { personIdentifiers } from './identifiers.ts'
import { personId } from './shared-fields.ts'
import { onEvents, specialEvents } from './triggers.ts'

/** The three ways to remove a person, or to take that back: they differ in one word. */

export const deletePerson = defineEntityAction({
  title: 'Delete Person',
  description: 'Remove a person. The next message about the same id creates it again.',
  trigger: onEvents(specialEvents.personDeleted),
  fields: personId,
  entity: (values) => ({ type: 'person', action: 'delete', identifiers: personIdentifiers(values) }),
  examples: [exampleOf('delete', 'User Deleted')],
})

export const suppressPerson = defineEntityAction({
  title: 'Suppress Person',
  description: 'Remove a person and ignore the same id from then on.',
  trigger: onEvents(specialEvents.personSuppressed),
  fields: personId,
  entity: (values) => ({ type: 'person', action: 'suppress', identifiers: personIdentifiers(values) }),
  examples: [exampleOf('suppress', 'User Suppressed')],
})

export const unsuppressPerson = defineEntityAction({
  title: 'Unsuppress Person',
  description: 'No longer ignore an id. What was removed stays removed.',
  trigger: onEvents(specialEvents.personUnsuppressed),
  fields: personId,
  entity: (values) => ({ type: 'person', action: 'unsuppress', identifiers: personIdentifiers(values) }),
  examples: [exampleOf('unsuppress', 'User Unsuppressed')],
})

function exampleOf(action: string, event: string): ActionExample {
  return {
    title: `The event "${event}"`,
    message: exampleMessage({ type: 'track', event }),
    requests: [{ type: 'person', action, identifiers: { id: 'u-1' } }],
  }
}
