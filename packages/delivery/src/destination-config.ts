import { checkPayload, compileMapping, compileTrigger } from '@millrace/component-kit'
import type { AnyAction, AnyDestination, FieldsParser, Mapping, Trigger } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import type { Cursor } from '@millrace/storage'
import type { DeliverySettings } from './delivery-settings.ts'

/** A destination of the workspace, checked and with defaults filled in. */
export interface DestinationConfig {
  id: string
  type: string
  /** The name that `integrations` may use besides the id. */
  name: string
  enabled: boolean
  /** Ids of the sources whose messages it takes; undefined for all. */
  sources?: readonly string[]
  settings: JsonObject
  delivery: DeliverySettings
  /** What runs: the user's mappings, or the presets. */
  actions: readonly ConfiguredAction[]
  /** Where a destination begins that has no cursor yet. */
  start: Cursor
  formerId?: string
}

/** One mapping of a message to an action. */
export interface ConfiguredAction {
  /** Unique in the destination; what idempotency keys, dead letters and the ledger call it. */
  name: string
  /** The declared name of the action. */
  action: string
  trigger: string
  fields: JsonObject
}

export interface CompiledAction {
  /** Of the mapping: unique in the destination. */
  name: string
  /** The declared name. */
  actionName: string
  action: AnyAction
  trigger: Trigger
  mapping: Mapping
  payload: FieldsParser<JsonObject>
  maxMessages: number
  maxBytes: number
}

/** Compiles triggers and mappings once. Throws what the compilers throw; the workspace check has refused such documents before. */
export const compileActions = (config: DestinationConfig, destination: AnyDestination): CompiledAction[] => {
  const names = new Set<string>()
  return config.actions.map(({ name, action: actionName, trigger, fields }) => {
    const action = destination.actions[actionName]
    if (action === undefined) {
      throw new Error(`destination "${config.id}" (${config.type}) has no action "${actionName}"`)
    }
    if (names.has(name)) throw new Error(`destination "${config.id}" has two mappings named "${name}"`)
    names.add(name)
    const { maxMessages, maxBytes } = action.batch
    return {
      name,
      actionName,
      action,
      trigger: compileTrigger(trigger),
      mapping: compileMapping(fields),
      payload: checkPayload(action.fields) as FieldsParser<JsonObject>,
      maxMessages: typeof maxMessages === 'number' ? maxMessages : maxMessages(config.settings),
      maxBytes: maxBytes ?? Number.POSITIVE_INFINITY,
    }
  })
}
