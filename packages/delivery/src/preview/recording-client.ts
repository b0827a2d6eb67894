import type { HttpClient, HttpRequest, HttpResponse } from '@millrace/component-kit'

/** Takes requests in the network's place and sends nothing. Each is answered with 200 and an empty JSON object. */
export class RecordingClient implements HttpClient {
  readonly requests: HttpRequest[] = []

  async request(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request)
    return { status: 200, headers: {}, text: '{}' }
  }
}
