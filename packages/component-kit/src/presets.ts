import type { Json } from '@millrace/protocol'
import type { AnyDestination } from './destination.ts'

/** An action with its trigger and mapping, ready to be compiled. */
export interface ResolvedPreset {
  name: string
  /** The action's name within the destination. */
  action: string
  /** In the trigger language. */
  trigger: string
  /** In the mapping language: one entry per mapped field. */
  fields: { readonly [field: string]: Json }
}

/** What a new destination runs when nothing is written. */
export function presetsOf(_destination: AnyDestination): readonly ResolvedPreset[] {
  return []
}
