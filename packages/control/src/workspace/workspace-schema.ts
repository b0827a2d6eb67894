import { fieldsToJsonSchema } from '@millrace/component-kit'
import type { AnyAction, AnyDestination, AnyWarehouse, Fields } from '@millrace/component-kit'
import { isJsonObject } from '@millrace/protocol'
import type { Json, JsonObject } from '@millrace/protocol'
import { alertRules, alertSettings } from '../alerts/alert-rules.ts'
import type { AnyAlertRule } from '../alerts/alert-rule.ts'
import {
  alertFields,
  destinationFields,
  idPattern,
  mappingFields,
  networkFields,
  notifierFields,
  rootFields,
  sourceFields,
  writeKeyPattern,
} from './document-fields.ts'
import type { NotifierType, SourceType, WorkspaceRegistry } from './registry.ts'
import { settingsGroups } from './settings.ts'

/** The JSON Schema (draft 2020-12) of the document, with a branch for each type of source and destination. */
export function workspaceSchema(registry: WorkspaceRegistry): JsonObject {
  const sources = Object.entries(registry.sources).map(([type, source]) => sourceBranch(type, source))
  const components = [...Object.values(registry.destinations), ...Object.values(registry.warehouses)]
  const destinations = components.map((component) => destinationBranch(component, registry.delivery ?? {}))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Millrace workspace',
    ...objectSchema(rootFields, {
      sources: mapOf(sources),
      destinations: mapOf(destinations),
      notifiers: mapOf(
        Object.entries(registry.notifiers ?? {}).map(([type, notifier]) => notifierBranch(type, notifier)),
      ),
      alerts: mapOf(Object.values(alertRules).map((rule) => alertBranch(rule))),
      network: objectSchema(networkFields, {}),
      settings: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(
          Object.entries(settingsGroups).map(([name, fields]) => [name, objectSchema(fields, {})]),
        ),
      },
    }),
    $defs: {
      fromEnvironment: {
        title: 'From the environment',
        description: 'The text of a variable of the environment, read when the document is loaded.',
        type: 'object',
        properties: { $env: { type: 'string', minLength: 1 } },
        required: ['$env'],
        additionalProperties: false,
      },
    },
  }
}

function sourceBranch(type: string, { name, description, settings }: SourceType): JsonObject {
  return {
    title: name,
    description,
    ...objectSchema(sourceFields, {
      type: { const: type },
      writeKeys: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string', pattern: writeKeyPattern } },
      settings: settingsSchema(settings),
    }),
    required: requiredWith(['type', 'writeKeys'], settings),
  }
}

function notifierBranch(type: string, { name, description, settings }: NotifierType): JsonObject {
  return {
    title: name,
    description,
    ...objectSchema(notifierFields, { type: { const: type }, settings: settingsSchema(settings) }),
    required: requiredWith(['type'], settings),
  }
}

function alertBranch(rule: AnyAlertRule): JsonObject {
  const { type, name, description } = rule
  const settings = alertSettings(rule)
  return {
    title: name,
    description,
    ...objectSchema(alertFields, { type: { const: type }, settings: settingsSchema(settings) }),
    required: requiredWith(['type'], settings),
  }
}

function destinationBranch(component: AnyDestination | AnyWarehouse, delivery: Fields): JsonObject {
  const { kind, slug, name, description } = component
  const settings = component.settings as Fields
  const { mappings, ...others } = destinationFields
  const parts = { type: { const: slug }, settings: settingsSchema(settings), delivery: settingsSchema(delivery) }
  const schema =
    kind === 'warehouse'
      ? objectSchema(others, parts)
      : objectSchema({ ...others, mappings }, { ...parts, mappings: mappingsSchema(component) })
  return { title: name, description, ...schema, required: requiredWith(['type'], settings) }
}

function mappingsSchema({ actions }: AnyDestination): JsonObject {
  const branches = Object.entries(actions).map(([name, { title, description, fields }]: [string, AnyAction]) => ({
    title,
    description,
    ...objectSchema(mappingFields, {
      action: { const: name },
      fields: mappedFieldsSchema(fields as Fields),
    }),
  }))
  return { type: 'array', items: { oneOf: branches } }
}

/** Any directive or value may stand for a field, and a directive for all of them. */
function mappedFieldsSchema(fields: Fields): JsonObject {
  const entries = Object.entries(fields).map(([name, { label, description }]) => [name, { title: label, description }])
  return {
    type: 'object',
    properties: Object.fromEntries(entries) as JsonObject,
    patternProperties: { '^@': true },
    additionalProperties: false,
  }
}

/** The fields' schema, some properties replaced; title and description of the field stay. */
function objectSchema(fields: Fields, parts: JsonObject): JsonObject {
  const { $schema: _, ...schema } = fieldsToJsonSchema(fields)
  const properties: JsonObject = { ...(schema.properties as JsonObject) }
  for (const [name, part] of Object.entries(parts)) {
    const { title, description } = properties[name] as JsonObject
    properties[name] = { title: title ?? name, description: description ?? '', ...(part as JsonObject) }
  }
  return { ...schema, properties }
}

function settingsSchema(fields: Fields): JsonObject {
  const { $schema: _, ...schema } = fieldsToJsonSchema(fields)
  const entries = Object.entries(schema.properties as JsonObject)
  return { ...schema, properties: Object.fromEntries(entries.map(([name, property]) => [name, orVariable(property)])) }
}

/** Where text is expected, a variable may stand for it. */
function orVariable(schema: Json): Json {
  if (!isJsonObject(schema)) return schema
  if (schema.type === 'array') return { ...schema, items: orVariable(schema.items ?? {}) }
  if (schema.type !== 'string') return schema
  const { title, description, writeOnly, deprecated, examples, default: preset, ...text } = schema
  const notes = { title, description, writeOnly, deprecated, examples, default: preset }
  const present = Object.entries(notes).filter(([, note]) => note !== undefined)
  return { ...(Object.fromEntries(present) as JsonObject), anyOf: [text, { $ref: '#/$defs/fromEnvironment' }] }
}

/** `settings` may be left out only where no setting is required. */
function requiredWith(names: readonly string[], settings: Fields): string[] {
  return Array.isArray(fieldsToJsonSchema(settings).required) ? [...names, 'settings'] : [...names]
}

const mapOf = (branches: JsonObject[]): JsonObject => ({
  type: 'object',
  propertyNames: { pattern: idPattern },
  additionalProperties: { oneOf: branches },
})
