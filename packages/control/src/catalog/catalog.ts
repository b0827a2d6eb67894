import { defaultMapping, fieldsToJsonSchema, presetsOf } from '@millrace/component-kit'
import type {
  ActionExample,
  AnyAction,
  AnyDestination,
  AnyWarehouse,
  Fields,
  ResolvedPreset,
} from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import { alertRules, alertSettings } from '../alerts/alert-rules.ts'
import { anyObject, listOf, objectOf, text } from '../api/json-schema-of.ts'
import type { SourceType, WorkspaceRegistry } from '../workspace/registry.ts'

/** The components as they are declared, as JSON: what forms, docs and commands are made from. */
export interface Catalog {
  sources: CatalogComponent[]
  destinations: CatalogDestination[]
  warehouses: CatalogComponent[]
  notifiers: CatalogComponent[]
  /** The rules of alerts. */
  alerts: CatalogComponent[]
  /** What `delivery` of each destination may hold. */
  delivery: Fields
}

export interface CatalogComponent {
  /** The `type` in the workspace document. */
  type: string
  name: string
  description: string
  /** As declared, for forms. */
  settings: Fields
  settingsSchema: JsonObject
}

export interface CatalogDestination extends CatalogComponent {
  actions: CatalogAction[]
  /** What runs when the document has no mappings. */
  presets: readonly ResolvedPreset[]
}

export interface CatalogAction {
  action: string
  title: string
  description: string
  trigger: string
  fields: Fields
  fieldsSchema: JsonObject
  defaultMapping: JsonObject
  examples: readonly ActionExample[]
}

export function catalogOf({
  sources,
  destinations,
  warehouses,
  notifiers = {},
  delivery = {},
}: WorkspaceRegistry): Catalog {
  return {
    sources: Object.entries(sources).map(([type, source]) => component(type, source)),
    destinations: Object.entries(destinations).map(([type, destination]) => ({
      ...component(type, destination),
      actions: Object.entries(destination.actions).map(([name, action]) => catalogAction(name, action)),
      presets: presetsOf(destination),
    })),
    warehouses: Object.entries(warehouses).map(([type, warehouse]) => component(type, warehouse)),
    notifiers: Object.entries(notifiers).map(([type, notifier]) => component(type, notifier)),
    alerts: Object.values(alertRules).map((rule) =>
      component(rule.type, { name: rule.name, description: rule.description, settings: alertSettings(rule) }),
    ),
    delivery,
  }
}

function component(type: string, declared: SourceType | AnyDestination | AnyWarehouse): CatalogComponent {
  const { name, description } = declared
  const settings = declared.settings as Fields
  return { type, name, description, settings, settingsSchema: fieldsToJsonSchema(settings) }
}

function catalogAction(name: string, action: AnyAction): CatalogAction {
  const { title, description, trigger, examples } = action
  const fields = action.fields as Fields
  return {
    action: name,
    title,
    description,
    trigger,
    fields,
    fieldsSchema: fieldsToJsonSchema(fields),
    defaultMapping: defaultMapping(fields),
    examples,
  }
}

const componentSchemas = {
  type: text,
  name: text,
  description: text,
  settings: anyObject,
  settingsSchema: anyObject,
}

export const catalogSchema = objectOf<Catalog>({
  sources: listOf(objectOf<CatalogComponent>(componentSchemas)),
  destinations: listOf(
    objectOf<CatalogDestination>({
      ...componentSchemas,
      actions: listOf(
        objectOf<CatalogAction>({
          action: text,
          title: text,
          description: text,
          trigger: text,
          fields: anyObject,
          fieldsSchema: anyObject,
          defaultMapping: anyObject,
          examples: listOf(anyObject),
        }),
      ),
      presets: listOf(objectOf<ResolvedPreset>({ name: text, action: text, trigger: text, fields: anyObject })),
    }),
  ),
  warehouses: listOf(objectOf<CatalogComponent>(componentSchemas)),
  notifiers: listOf(objectOf<CatalogComponent>(componentSchemas)),
  alerts: listOf(objectOf<CatalogComponent>(componentSchemas)),
  delivery: anyObject,
})
