import { presetsOf } from '@millrace/component-kit'
import type { ResolvedPreset } from '@millrace/component-kit'
import { parseIsoTime } from '@millrace/protocol'
import type { Json, JsonObject } from '@millrace/protocol'
import { checkComponentSettings } from './check-component-settings.ts'
import { checkMappings } from './check-mappings.ts'
import type { CheckOptions } from './check-workspace.ts'
import { destinationFields } from './document-fields.ts'
import type { DocumentPath } from './document-path.ts'
import { parsePart } from './parse-part.ts'
import type { Problems } from './problems.ts'
import type { WorkspaceRegistry } from './registry.ts'
import type { WorkspaceDestination } from './workspace.ts'

export interface DestinationContext {
  registry: WorkspaceRegistry
  options: CheckOptions
  /** Ids of all sources of the document. */
  sourceIds: readonly string[]
  problems: Problems
}

export function checkDestination(
  id: string,
  value: Json,
  context: DestinationContext,
): WorkspaceDestination | undefined {
  const { registry, options, sourceIds, problems } = context
  const path: DocumentPath = ['destinations', id]
  const choices = [...Object.keys(registry.destinations), ...Object.keys(registry.warehouses)]
  const declared = {
    ...destinationFields,
    type: { ...destinationFields.type, choices },
    sources: { ...destinationFields.sources, choices: sourceIds },
  }
  const values = parsePart(declared, value, path, problems)
  if (values === undefined) return undefined
  const { type, name = id, sources = sourceIds, enabled, formerId, startAt } = values
  const component = registry.destinations[type] ?? registry.warehouses[type]
  if (component === undefined) return undefined
  return {
    id,
    kind: component.kind,
    type,
    name,
    sources: [...new Set(sources)],
    enabled,
    settings: checkComponentSettings(
      component.settings,
      values.settings ?? {},
      [...path, 'settings'],
      options,
      problems,
    ),
    delivery: checkComponentSettings(
      registry.delivery ?? {},
      values.delivery ?? {},
      [...path, 'delivery'],
      options,
      problems,
    ),
    mappings: mappingsOf(type, values.mappings, path, context),
    ...(formerId !== undefined && { formerId }),
    ...(startAt !== undefined && { startAt: parseIsoTime(startAt) }),
  }
}

function mappingsOf(
  type: string,
  mappings: readonly JsonObject[] | undefined,
  path: DocumentPath,
  { registry, problems }: DestinationContext,
): readonly ResolvedPreset[] {
  const destination = Object.hasOwn(registry.destinations, type) ? registry.destinations[type] : undefined
  if (destination === undefined) {
    if (mappings !== undefined) {
      problems.add([...path, 'mappings'], `a warehouse takes every message; remove the mappings of this ${type}`)
    }
    return []
  }
  if (mappings === undefined) return presetsOf(destination)
  return checkMappings(destination, mappings, [...path, 'mappings'], problems)
}

/** A rename names an id that is free now, and that no other destination claims. */
export function checkFormerIds(destinations: readonly WorkspaceDestination[], problems: Problems): void {
  const ids = new Set(destinations.map(({ id }) => id))
  const claims = new Map<string, string>()
  for (const { id, formerId } of destinations) {
    if (formerId === undefined) continue
    const path = ['destinations', id, 'formerId']
    const other = claims.get(formerId)
    if (ids.has(formerId)) problems.add(path, `"${formerId}" is the id of a destination; remove that or this line`)
    else if (other !== undefined) problems.add(path, `"${formerId}" is also the former id of "${other}"; keep one`)
    claims.set(formerId, id)
  }
}
