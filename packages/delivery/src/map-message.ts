import type { JsonObject, Message } from '@millrace/protocol'
import type { CompiledAction } from './destination-config.ts'
import type { Failure } from './delivery.ts'

/** The values of an action's fields for a message, or why there are none. Does not throw. */
export const mapMessage = (action: CompiledAction, message: Message): { values: JsonObject } | { failure: Failure } => {
  try {
    const parsed = action.payload.parse(action.mapping.apply(message))
    if (parsed.problems === undefined) return { values: parsed.values }
    const problems = parsed.problems.map(({ path, message: problem }) => `${path}: ${problem}`).join('; ')
    return { failure: { code: 'invalid_fields', message: problems } }
  } catch (error) {
    return { failure: { code: 'mapping_failed', message: error instanceof Error ? error.message : String(error) } }
  }
}
