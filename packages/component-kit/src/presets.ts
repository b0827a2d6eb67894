import type { JsonObject } from '@millrace/protocol'
import { defaultMapping } from './default-mapping.ts'
import type { AnyDestination, Preset } from './destination.ts'

/** An action with its trigger and mapping, as text and JSON, ready to be compiled. */
export interface ResolvedPreset {
  /**
   * Unique in the destination and stable: the given name, or the action's. Idempotency keys, dead letters and the ledger know
   * the mapping by it.
   */
  name: string
  /** The action's name within the destination. */
  action: string
  /** In the trigger language. */
  trigger: string
  /** In the mapping language: an entry for each mapped field. */
  fields: JsonObject
}

/**
 * What a new destination runs when nothing is written: its presets, or without presets each action by its own
 * default trigger and mapping.
 * @throws {Error} if a preset names an action that the destination does not have: a mistake in the declaration.
 */
export function presetsOf(destination: AnyDestination): readonly ResolvedPreset[] {
  const presets: readonly Preset[] =
    destination.presets ?? Object.keys(destination.actions).map((action): Preset => ({ name: action, action }))
  return presets.map((preset) => resolvePreset(destination, preset))
}

function resolvePreset(
  destination: AnyDestination,
  { name, action: actionName, trigger, fields }: Preset,
): ResolvedPreset {
  const action = Object.hasOwn(destination.actions, actionName) ? destination.actions[actionName] : undefined
  if (action === undefined) {
    const known = Object.keys(destination.actions).join(', ')
    throw new Error(
      `The preset "${name}" of ${destination.slug} names the action "${actionName}"; the actions are ${known}`,
    )
  }
  return {
    name,
    action: actionName,
    trigger: trigger ?? action.trigger,
    fields: { ...defaultMapping(action.fields), ...structuredClone(fields) },
  }
}
