import type { Fields } from '@millrace/component-kit'
import { isJsonObject } from '@millrace/protocol'
import type { Json, JsonObject } from '@millrace/protocol'
import type { DocumentPath } from './document-path.ts'
import type { WorkspaceRegistry } from './registry.ts'

/** What is shown in place of a secret. Given back in a document, it stands for the secret that is stored there. */
export const maskedSecret = '••••'

export type ReplaceSecret = (text: string, path: DocumentPath) => Json

/** A copy of settings with each text of a secret replaced. References to the environment are no texts and stay. */
export function mapSecretTexts(fields: Fields, settings: JsonObject, replace: ReplaceSecret): JsonObject {
  const entries = Object.entries(settings).map(([name, value]): [string, Json] => {
    if (!Object.hasOwn(fields, name) || fields[name]?.type !== 'secret') return [name, value]
    if (typeof value === 'string') return [name, replace(value, [name])]
    if (!Array.isArray(value)) return [name, value]
    return [name, value.map((item, index) => (typeof item === 'string' ? replace(item, [name, index]) : item))]
  })
  return Object.fromEntries(entries)
}

/** The same for a whole document, which may be one that is not checked yet: what is not as declared stays as it is. */
export function mapDocumentSecrets(document: Json, registry: WorkspaceRegistry, replace: ReplaceSecret): Json {
  if (!isJsonObject(document)) return document
  const result: JsonObject = { ...document }
  for (const part of ['sources', 'destinations', 'notifiers'] as const) {
    const components = document[part]
    if (!isJsonObject(components)) continue
    result[part] = Object.fromEntries(
      Object.entries(components).map(([id, component]) => {
        if (!isJsonObject(component) || !isJsonObject(component.settings)) return [id, component]
        const path = [part, id, 'settings']
        const settings = mapSecretTexts(fieldsOf(registry, part, component.type), component.settings, (text, at) =>
          replace(text, [...path, ...at]),
        )
        return [id, { ...component, settings }]
      }),
    )
  }
  return result
}

function fieldsOf(
  registry: WorkspaceRegistry,
  part: 'sources' | 'destinations' | 'notifiers',
  type: Json | undefined,
): Fields {
  if (typeof type !== 'string') return {}
  const kinds = {
    sources: [registry.sources],
    destinations: [registry.destinations, registry.warehouses],
    notifiers: [registry.notifiers ?? {}],
  }[part]
  for (const kind of kinds) if (Object.hasOwn(kind, type)) return kind[type]?.settings as Fields
  return {}
}
