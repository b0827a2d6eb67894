import type { ActionExample, Fields, Infer } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import type { Entity, Merge } from './entity.ts'

/** An action that makes one operation of each message, with the type of its fields forgotten. */
export interface EntityAction {
  title: string
  description: string
  trigger: string
  fields: Fields
  /** Makes the operation from checked values. Pure; an identifier that is missing stays undefined. */
  entity: (values: JsonObject) => Entity | Merge
  examples: readonly ActionExample[]
}

/**
 * Declares what differs between the actions that share batches.
 * @example
 * defineEntityAction({ …, fields, entity: ({ personId }) => ({ type: 'person', action: 'delete', identifiers: personIdentifiers({ personId }) }) })
 */
export const defineEntityAction = <const F extends Fields>(
  action: Omit<EntityAction, 'fields' | 'entity'> & { fields: F; entity: (values: Infer<F>) => Entity | Merge },
): EntityAction => ({
  ...action,
  // Sound because delivery checks the values against these same fields before it hands them over under this action's name.
  entity: (values) => action.entity(values as Infer<F>),
})
