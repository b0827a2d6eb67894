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
  actions: readonly { action: string; trigger: string; fields: JsonObject }[]
  /** Where a destination begins that has no cursor yet. */
  start: Cursor
  formerId?: string
}

export interface CompiledAction {
  name: string
  action: AnyAction
  trigger: Trigger
  mapping: Mapping
  payload: FieldsParser<JsonObject>
  maxMessages: number
  maxBytes: number
}

/** Compiles triggers and mappings once. Throws what the compilers throw; the workspace check has refused such documents before. */
export const compileActions = (config: DestinationConfig, destination: AnyDestination): CompiledAction[] =>
  config.actions.map(({ action: name, trigger, fields }) => {
    const action = destination.actions[name]
    if (action === undefined) throw new Error(`destination "${config.id}" (${config.type}) has no action "${name}"`)
    const { maxMessages, maxBytes } = action.batch
    return {
      name,
      action,
      trigger: compileTrigger(trigger),
      mapping: compileMapping(fields),
      payload: checkPayload(action.fields) as FieldsParser<JsonObject>,
      maxMessages: typeof maxMessages === 'number' ? maxMessages : maxMessages(config.settings),
      maxBytes: maxBytes ?? Number.POSITIVE_INFINITY,
    }
  })
