import { bodyReader, queryReader } from './read-fields.ts'
import type { ReadFields } from './read-fields.ts'
import type { Route } from './route.ts'

/** A route with its checks compiled. */
export interface CompiledRoute {
  route: Route
  readQuery: ReturnType<typeof queryReader>
  readBody: ReadFields | undefined
}

/** The route and the parameters of its path; or the methods that the path has, none where there is no such path. */
export type Match =
  | { compiled: CompiledRoute; params: { readonly [name: string]: string }; methods?: undefined }
  | { methods: readonly string[] }

/** Compiles a table of routes. The result finds the route of a request; fixed segments win over parameters. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match {
  const table = routes.map((route) => ({
    segments: route.path.split('/'),
    compiled: {
      route,
      readQuery: queryReader(route.query ?? {}),
      readBody: route.body === undefined ? undefined : bodyReader(route.body),
    },
  }))
  return (method, path) => {
    const segments = path.split('/')
    const fitting = table
      .map((entry) => ({ ...entry, params: match(entry.segments, segments) }))
      .filter(({ params }) => params !== undefined)
      .sort((a, b) => parameters(a.segments) - parameters(b.segments))
    // HEAD is GET without the body, which node:http leaves out.
    const wanted = method === 'HEAD' ? 'GET' : method
    const best = fitting.find(({ compiled }) => compiled.route.method === wanted)
    if (best?.params !== undefined) return { compiled: best.compiled, params: best.params }
    return { methods: [...new Set(fitting.map(({ compiled }) => compiled.route.method))] }
  }
}

const parameters = (segments: readonly string[]): number => segments.filter((segment) => segment.startsWith(':')).length

function match(pattern: readonly string[], segments: readonly string[]): { [name: string]: string } | undefined {
  if (pattern.length !== segments.length) return undefined
  const params: [string, string][] = []
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (!part.startsWith(':')) {
      if (part !== segment) return undefined
      continue
    }
    const value = decode(segment)
    if (value === undefined || value === '') return undefined
    params.push([part.slice(1), value])
  }
  return Object.fromEntries(params)
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
