import type { AnyDestination, ResolvedPreset } from '@millrace/component-kit'
import { MillraceError, isJsonObject } from '@millrace/protocol'
import type { Json } from '@millrace/protocol'
import { checkMappings } from './check-mappings.ts'
import { Problems } from './problems.ts'

/**
 * Checks mappings that are not in the workspace yet, as `mappings` of a destination in a document would be.
 * @throws {MillraceError} `invalid_workspace` with the path of each problem, which begins with `mappings`.
 */
export const proposedMappings = (destination: AnyDestination, mappings: Json): readonly ResolvedPreset[] => {
  const problems = new Problems()
  let resolved: readonly ResolvedPreset[] = []
  if (Array.isArray(mappings) && mappings.every((mapping) => isJsonObject(mapping))) {
    resolved = checkMappings(destination, mappings, ['mappings'], problems)
  } else {
    problems.add(['mappings'], 'must be a list of objects with "action", and "trigger" and "fields" as needed')
  }
  if (problems.list.length === 0) return resolved
  throw new MillraceError('invalid_workspace', 'The mappings cannot be used.', {
    errors: problems.list.map(({ path, message }) => ({ path, reason: message })),
  })
}
