import { ApiError, apiErrorOf } from './api-error.ts'

export interface Connection {
  /** `http://127.0.0.1:8420`, with or without a path; a slash at its end does not matter. */
  baseUrl: string
  /** The admin token, when the server asks for one. */
  token?: string
  /** Stands in for the global `fetch` in tests. */
  fetch?: typeof fetch
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  query?: { readonly [name: string]: string | number | undefined }
  body?: unknown
  accept?: 'application/json' | 'application/x-ndjson'
  signal?: AbortSignal | undefined
}

/**
 * Sends one request and gives its answer when it is 2xx. Throws `ApiError` otherwise; an abort of the caller's own
 * signal is thrown as it is.
 */
export async function request(connection: Connection, path: string, options: RequestOptions = {}): Promise<Response> {
  const url = urlOf(connection.baseUrl, path, options.query)
  const headers: { [name: string]: string } = { accept: options.accept ?? 'application/json' }
  if (connection.token !== undefined) headers['authorization'] = `Bearer ${connection.token}`
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  try {
    response = await (connection.fetch ?? fetch)(url, {
      method: options.method ?? 'GET',
      headers,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      redirect: 'error',
    })
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause
    throw new ApiError(
      { code: 'unreachable', status: 0, message: `No server answers at ${connection.baseUrl} (${reasonOf(cause)}).` },
      { cause },
    )
  }
  if (!response.ok) throw apiErrorOf(url, response.status, await response.text())
  return response
}

/** The same, read as JSON. */
export async function requestJson<T>(connection: Connection, path: string, options?: RequestOptions): Promise<T> {
  const response = await request(connection, path, options)
  const text = await response.text()
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    const start = text.slice(0, 120)
    throw new ApiError(
      {
        code: 'unreadable',
        status: response.status,
        message: `${connection.baseUrl}${path} answered no JSON: ${start}. Is this a Millrace server?`,
      },
      { cause },
    )
  }
}

function urlOf(baseUrl: string, path: string, query: RequestOptions['query'] = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  const search = parameters.size > 0 ? `?${parameters.toString()}` : ''
  return `${baseUrl.replace(/\/+$/, '')}${path}${search}`
}

/** `fetch` hides the reason (`ECONNREFUSED`) in the cause of its error. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}
