/** A response of the guarded HTTP client. The body is cut at the client's limit. */
export interface HttpResponse {
  status: number
  /** Lower-case names; the last value wins. */
  headers: { readonly [name: string]: string }
  text: string
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers?: { readonly [name: string]: string }
  body?: string | Uint8Array
  /**
   * Which payloads of this call of `deliver` the request holds, by their index; all when absent. Of a dead message the last request
   * that held it is kept.
   */
  items?: readonly number[]
  /** Ends the request; the client adds the destination's timeout to it. */
  signal?: AbortSignal
}

/**
 * The only way a destination reaches the network. It checks the address after DNS resolution against private ranges,
 * follows no redirects, and bounds time and size. A failure of the network is a value, so that `outcomeOf` can judge it.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse | HttpFailure>
}

/** The request got no usable answer. `blocked`: the address is not allowed; retrying does not help. */
export interface HttpFailure {
  failure: 'network' | 'timeout' | 'blocked' | 'too_large'
  code: string
  message: string
}
