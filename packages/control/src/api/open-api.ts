import { fieldsToJsonSchema } from '@millrace/component-kit'
import type { Fields } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import { errorSchema } from './answer-schemas.ts'
import type { Route } from './route.ts'

/** The OpenAPI 3.1 document of some routes. */
export function openApiOf(routes: readonly Route[]): JsonObject {
  const paths: { [path: string]: JsonObject } = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace control API',
      version: '1',
      description: 'Everything but the reception of messages, which is the Tracking API under /v1.',
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: errorSchema },
    },
  }
}

function operation({ method, path, summary, access, query = {}, body, answers }: Route): JsonObject {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const schemas = propertiesOf(query)
  const inQuery = Object.entries(query).map(([name, { description, required = false }]) => ({
    name,
    in: 'query',
    required,
    description,
    schema: schemas[name] ?? {},
  }))
  return {
    operationId: operationId(method, path),
    summary,
    ...(access !== 'open' && { security: access === 'metrics' ? [{ token: [] }, {}] : [{ token: [] }] }),
    ...(inPath.length + inQuery.length > 0 && { parameters: [...inPath, ...inQuery] }),
    ...(body !== undefined && {
      requestBody: {
        required: Object.values(body).some(({ required }) => required === true),
        content: { 'application/json': { schema: withoutDialect(fieldsToJsonSchema(body)) } },
      },
    }),
    responses: {
      '200': { description: summary, content: contentOf(answers) },
      default: {
        description: 'What went wrong: a code from a closed list, and the remedy.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

const contentOf = (answers: Route['answers']): JsonObject =>
  Object.fromEntries(Object.entries(answers).map(([type, schema]) => [type, { schema }]))

/** `GET /api/workspace/versions/:version` as `get_workspace_versions_version`. */
const operationId = (method: string, path: string): string =>
  [method.toLowerCase(), ...path.replace(/^\/api/, '').split(/\W+/)].filter((part) => part !== '').join('_')

const propertiesOf = (fields: Fields): JsonObject => fieldsToJsonSchema(fields).properties as JsonObject

function withoutDialect(schema: JsonObject): JsonObject {
  const { $schema: _, ...rest } = schema
  return rest
}
