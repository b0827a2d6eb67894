/** A request as an HTTP client gets it. */
export interface HttpRequest {
  url: string
  method: 'POST'
  headers: Record<string, string>
  body: string | Uint8Array<ArrayBuffer>
  /** Milliseconds after which an answer is of no use any more. */
  httpRequestTimeout: number
}

/** An answer as an HTTP client gives it: that of `fetch` is one. */
export interface HttpResponse {
  status: number
  statusText?: string
  headers?: { get?: (name: string) => string | null } | Record<string, unknown>
  text?: () => Promise<string>
}

export type FetchFunction = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: HttpRequest['body']; signal: AbortSignal },
) => Promise<HttpResponse>

/** What the setting `httpClient` may be. */
export type HttpClient = FetchFunction | { makeRequest: (request: HttpRequest) => Promise<HttpResponse> }

/** What the server said, for the sender and for error messages. */
export interface Reply {
  status: number
  retryAfter: string | null
  /** The beginning of the body of an answer that is no success. */
  text: string
}

/** Sends one request; rejects when there is no answer in time. */
export interface Transport {
  request: (request: HttpRequest) => Promise<Reply>
  close: () => void
}

/** A transport over the client that the application gave. */
export const createCustomTransport = (client: HttpClient): Transport => ({
  request: async (request) => {
    const response = await (typeof client === 'function' ? callFetch(client, request) : client.makeRequest(request))
    const { status } = response
    const isSuccess = status >= 200 && status < 300
    // Also of a success: a body that nobody reads keeps its connection.
    const text = (await response.text?.().catch(() => '')) ?? ''
    return { status, retryAfter: headerOf(response.headers, 'retry-after'), text: isSuccess ? '' : text.slice(0, 1000) }
  },
  close: () => undefined,
})

const callFetch = async (client: FetchFunction, request: HttpRequest): Promise<HttpResponse> => {
  const { url, method, headers, body, httpRequestTimeout } = request
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), httpRequestTimeout)
  try {
    return await client(url, { method, headers, body, signal: abort.signal })
  } finally {
    clearTimeout(timer)
  }
}

const headerOf = (headers: HttpResponse['headers'], name: string): string | null => {
  if (headers === undefined) return null
  if (typeof headers.get === 'function') return (headers.get as (name: string) => string | null)(name)
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return typeof found === 'string' ? found : null
}
