import { compileFields } from '@millrace/component-kit'
import type { Fields } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import type { CheckOptions } from './check-workspace.ts'
import type { DocumentPath } from './document-path.ts'
import { fromEnvironment } from './from-environment.ts'
import { maskedSecret, mapSecretTexts } from './secret-texts.ts'
import type { Problems } from './problems.ts'

/** The settings of a source or destination: variables read, defaults filled in, checked against the declaration. */
export function checkComponentSettings(
  fields: Fields,
  given: JsonObject,
  path: DocumentPath,
  options: CheckOptions,
  problems: Problems,
): JsonObject {
  mapSecretTexts(fields, given, (text, at) => {
    if (text === maskedSecret) {
      problems.add([...path, ...at], 'is masked, and no secret is stored there; write it, or { "$env": "NAME" }')
    }
    return text
  })
  // What was not found in the environment is missing below, and noted at its place first: that problem is kept.
  const resolved = fromEnvironment(given, path, options.env, problems) ?? {}
  const { values, problems: found } = compileFields(fields).parse(resolved)
  if (found === undefined) return values as JsonObject
  problems.addFields(path, found)
  return {}
}
