import type { IncomingMessage, ServerResponse } from 'node:http'
import { MillraceError } from '@millrace/protocol'
import { checkHost, checkToken } from './authorize.ts'
import type { ControlDependencies } from './dependencies.ts'
import { readBody } from './read-body.ts'
import { ndjson } from './route.ts'
import type { Answer, Route } from './route.ts'
import { createRouter } from './router.ts'
import { routes } from './routes.ts'
import { asMillraceError, sendAnswer, sendError } from './send-answer.ts'

const defaultMaxBodyBytes = 64 * 1024

/** Whether a path belongs to the control API: `/api/…`, `/healthz`, `/readyz` or `/metrics`. May carry a query. */
export function isControlPath(path: string): boolean {
  return /^\/(?:api|healthz|readyz|metrics)(?:[/?]|$)/.test(path)
}

/**
 * The HTTP API, as a listener for `node:http`. It answers every request that it gets, unknown paths with 404.
 * @example
 * const api = createControlApi(dependencies)
 * createServer((request, response) => api(request, response))
 */
export function createControlApi(
  deps: ControlDependencies,
): (request: IncomingMessage, response: ServerResponse) => void {
  const find = createRouter(routes)

  const answer = async (request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<Answer> => {
    const { method = 'GET', url = '/', headers } = request
    const [path = '', ...query] = url.split('?')
    if (deps.loopback) checkHost(request, deps.hostNames ?? [])
    // Before anything is looked up: without the token nobody learns what there is.
    if (isUnderApi(path)) checkToken(request, deps.token)
    const found = find(method, path)
    if (found.methods !== undefined) throw notServed(method, path, found.methods, response)
    const { compiled, params } = found
    if (needsToken(compiled.route, deps)) checkToken(request, deps.token)
    const limit = compiled.route.maxBodyBytes ?? defaultMaxBodyBytes
    return compiled.route.handle({
      deps,
      params,
      query: compiled.readQuery(new URLSearchParams(query.join('?'))),
      body: compiled.readBody === undefined ? {} : compiled.readBody(await readBody(request, limit)),
      wantsLines: headers.accept?.includes(ndjson) ?? false,
      signal,
    })
  }

  return (request, response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort()).on('error', () => gone.abort())
    const signal = deps.shutdown === undefined ? gone.signal : AbortSignal.any([gone.signal, deps.shutdown])
    const path = request.url?.split('?', 1)[0] ?? '/'
    const fail = (error: unknown) => {
      const known = asMillraceError(error)
      if (known.code === 'internal') deps.logError(error, { method: request.method ?? '', path })
      if (!response.headersSent) sendError(response, known)
    }
    answer(request, response, signal)
      .then((result) => sendAnswer(response, result, signal))
      .catch(fail)
  }
}

const isUnderApi = (path: string): boolean => path === '/api' || path.startsWith('/api/')

function needsToken({ access }: Route, { versions }: ControlDependencies): boolean {
  if (access === 'metrics') return versions.active?.workspace.settings.metrics.public !== true
  return access === 'token'
}

function notServed(method: string, path: string, methods: readonly string[], response: ServerResponse): MillraceError {
  const shown = JSON.stringify(path.length <= 200 ? path : `${path.slice(0, 200)}…`)
  if (methods.length === 0) {
    return new MillraceError('not_found', `There is no ${shown} here; GET /api/openapi.json lists what there is.`)
  }
  const list = methods.join(', ')
  // RFC 9110, 15.5.6: a 405 names the methods.
  response.setHeader('allow', list)
  return new MillraceError('method_not_allowed', `${shown} takes ${list}, not ${method}.`)
}
