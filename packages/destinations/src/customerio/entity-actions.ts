import type { AnyAction } from '@millrace/component-kit'
import { createUpdateDevice } from './create-update-device.ts'
import { createUpdateObject } from './create-update-object.ts'
import { createUpdatePerson } from './create-update-person.ts'
import { deleteDevice } from './delete-device.ts'
import { deleteObject } from './delete-object.ts'
import { deleteRelationship } from './delete-relationship.ts'
import { deliverEntities, maxBatchBytes } from './deliver-entities.ts'
import type { EntityAction } from './entity-action.ts'
import { mergePeople } from './merge-people.ts'
import { deletePerson, suppressPerson, unsuppressPerson } from './person-removal.ts'
import { reportContentEvent } from './report-content-event.ts'
import { settings } from './settings.ts'
import { trackEvent } from './track-event.ts'
import { trackPageView } from './track-page-view.ts'
import { trackScreenView } from './track-screen-view.ts'

/** By the names that Customer.io's documentation and the mappings made after it use. */
const declared: { readonly [name: string]: EntityAction } = {
  createUpdatePerson,
  trackEvent,
  trackPageView,
  trackScreenView,
  createUpdateDevice,
  deleteDevice,
  createUpdateObject,
  deleteObject,
  deleteRelationship,
  deletePerson,
  mergePeople,
  suppressPerson,
  unsuppressPerson,
  reportContentEvent,
}

const deliver = deliverEntities(declared)

/** The actions that share batches. */
export const entityActions: { readonly [name: string]: AnyAction } = Object.fromEntries(
  Object.entries(declared).map(([name, { title, description, trigger, fields, examples }]) => [
    name,
    {
      title,
      description,
      settings,
      trigger,
      // The bytes are those of the messages; operations differ, so `deliver` splits by its own count.
      batch: { maxMessages: 50, maxBytes: maxBatchBytes, maxWaitMs: 100 },
      fields,
      deliver,
      examples,
    },
  ]),
)
