import {
  compileFields,
  compileMapping,
  compileTrigger,
  MappingError,
  presetsOf,
  TriggerError,
} from '@millrace/component-kit'
import type { AnyAction, AnyDestination, FieldSpec, Preset, ResolvedPreset } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import { mappingFields } from './document-fields.ts'
import { parsePath } from './document-path.ts'
import type { DocumentPath } from './document-path.ts'
import { parsePart } from './parse-part.ts'
import type { Problems } from './problems.ts'

/** The enabled mappings of a destination, complete. All are checked, those that are not enabled too. */
export function checkMappings(
  destination: AnyDestination,
  mappings: readonly JsonObject[],
  path: DocumentPath,
  problems: Problems,
): readonly ResolvedPreset[] {
  const names = new Set<string>()
  const resolved: ResolvedPreset[] = []
  for (const [index, mapping] of mappings.entries()) {
    const at = [...path, index]
    const checked = checkMapping(destination, mapping, at, problems)
    if (checked === undefined) continue
    const { preset, enabled, named } = checked
    if (named && names.has(preset.name)) {
      problems.add([...at, 'name'], `${JSON.stringify(preset.name)} names an earlier mapping; give each its own`)
    }
    const name = unusedName(preset.name, names)
    names.add(name)
    if (enabled) resolved.push({ ...preset, name })
  }
  return resolved
}

function checkMapping(destination: AnyDestination, mapping: JsonObject, at: DocumentPath, problems: Problems) {
  const actions = Object.keys(destination.actions)
  const declared = { ...mappingFields, action: { ...mappingFields.action, choices: actions } }
  const values = parsePart(declared, mapping, at, problems)
  if (values === undefined) return undefined
  const { action: actionName, name, trigger, fields, enabled } = values
  const action = destination.actions[actionName] as AnyAction
  if (name !== undefined && hasControl(name)) {
    problems.add([...at, 'name'], `${JSON.stringify(name)} has a line break or another control character; leave it out`)
  }
  if (trigger !== undefined) checkTrigger(trigger, [...at, 'trigger'], problems)
  const preset = resolve(destination, {
    name: name ?? actionName,
    action: actionName,
    ...(trigger !== undefined && { trigger }),
    ...(fields !== undefined && { fields }),
  })
  checkFields(action, fields ?? {}, preset.fields, [...at, 'fields'], problems)
  return { preset, enabled, named: name !== undefined }
}

/** As a preset, so that a mapping in a document and one in a declaration mean the same. */
function resolve(destination: AnyDestination, preset: Preset): ResolvedPreset {
  const [resolved] = presetsOf({ ...destination, presets: [preset] }) as [ResolvedPreset]
  // A directive for the whole payload gives the payload; the defaults beside it would only disturb it.
  return isWholeDirective(preset.fields) ? { ...resolved, fields: preset.fields } : resolved
}

function checkTrigger(trigger: string, path: DocumentPath, problems: Problems): void {
  try {
    compileTrigger(trigger)
  } catch (error) {
    if (!(error instanceof TriggerError)) throw error
    problems.add(path, error.message)
  }
}

function checkFields(
  action: AnyAction,
  given: JsonObject,
  complete: JsonObject,
  path: DocumentPath,
  problems: Problems,
): void {
  if (!isWholeDirective(given)) {
    const specs = Object.entries(action.fields as { [name: string]: FieldSpec })
    // What a mapping gives is known only with a message; here counts which fields are mapped.
    const known = specs.map(([name, { label, description, example, required = false }]): [string, FieldSpec] => [
      name,
      { type: 'any', label, description, example, required },
    ])
    problems.addFields(path, compileFields(Object.fromEntries(known)).parse(complete).problems ?? [])
  }
  try {
    compileMapping(complete)
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    for (const { path: where, message } of error.problems) problems.add([...path, ...parsePath(where, '/')], message)
  }
}

const isWholeDirective = (fields: JsonObject | undefined): fields is JsonObject =>
  Object.keys(fields ?? {}).some((key) => key.startsWith('@'))

const hasControl = (text: string): boolean => /\p{Cc}/u.test(text)

function unusedName(name: string, used: ReadonlySet<string>): string {
  let candidate = name
  for (let count = 2; used.has(candidate); count++) candidate = `${name}#${count}`
  return candidate
}
