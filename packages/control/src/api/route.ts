import type { Fields, Infer } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import type { ControlDependencies } from './dependencies.ts'

/** One route of the API, as data plus one function. The router and the OpenAPI document are made from the list of them. */
export interface Route<Q extends Fields = Fields, B extends Fields = Fields> {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Segments that begin with `:` are parameters. */
  path: string
  summary: string
  /** `token`: needs the bearer token. `metrics`: the same, unless the workspace makes metrics public. `open`: nothing. */
  access: 'token' | 'metrics' | 'open'
  /** Parameters after `?`; their text is converted to the type. */
  query?: Q
  /** Fields of the JSON body. */
  body?: B
  /** Default 64 KiB. */
  maxBodyBytes?: number
  /** What is answered, by content type, as JSON Schema; of a stream, one line. */
  answers: { readonly [contentType: string]: JsonObject }
  handle(call: Call<Infer<Q>, Infer<B>>): Promise<Answer>
}

/** One request, checked. */
export interface Call<Q, B> {
  deps: ControlDependencies
  params: { readonly [name: string]: string }
  query: Q
  body: B
  /** Whether the client asked for a stream of lines. */
  wantsLines: boolean
  /** Aborted when the client is gone or the server shuts down. */
  signal: AbortSignal
}

export type Answer =
  | { kind: 'json'; status?: number; value: unknown }
  | { kind: 'text'; contentType: string; value: string }
  /** Sent one JSON value a line, as fast as the client reads. */
  | { kind: 'lines'; values: AsyncIterable<unknown> }

export const json = (value: unknown, status = 200): Answer => ({ kind: 'json', value, status })

export const ndjson = 'application/x-ndjson'

/** Declares a route; its handler gets query and body in their types. */
export function defineRoute<const Q extends Fields = {}, const B extends Fields = {}>(route: Route<Q, B>): Route {
  // The router checks query and body by these same fields before it calls `handle`.
  return route
}
