import type { IncomingHttpHeaders } from 'node:http'
import type { Route } from './routes.ts'

/** One request as it arrived, without its body. */
export interface IngestRequest {
  route: Route
  headers: IncomingHttpHeaders
  /** What follows `?`, or nothing. */
  query: string
  receivedAtMs: number
  /** The socket, for the address that it comes from: asked only when it matters. */
  socket: { readonly remoteAddress?: string | undefined }
}
