/** For tests: the Tracking API on a port of its own, over a log in memory. */
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Block, LogUnavailableError } from '@millrace/storage'
import type { Rejection } from '@millrace/storage'
import type { Message } from '@millrace/protocol'
import { TrackingApi } from './index.ts'
import type { HttpSourceSettings, IngestSource, IngestionOptions } from './index.ts'

export const defaultSettings: HttpSourceSettings = {
  fillIp: 'auto',
  anonymizeIp: false,
  fillUserAgent: true,
  parseUserAgent: true,
  browserScript: 'segment',
}

/** A source whose write key is `wk_` and its id. */
export const testSource = (id: string, changes: Partial<IngestSource> = {}): IngestSource => ({
  id,
  name: id,
  enabled: true,
  writeKeys: [`wk_${id}`],
  settings: defaultSettings,
  ...changes,
})

/** A log that keeps its blocks in memory, can be told to fail, and can be held. */
export class MemoryLog {
  readonly blocks: Block[] = []
  isFull = false
  #held: (() => void)[] | undefined

  readonly append = async (bytes: Uint8Array): Promise<void> => {
    if (this.#held !== undefined) await new Promise<void>((resolve) => this.#held?.push(resolve))
    if (this.isFull) throw new LogUnavailableError('the disk is full')
    this.blocks.push(new Block(Buffer.from(bytes)))
  }

  /** Appends wait from now on; the function returned lets them go. */
  hold(): () => void {
    const held: (() => void)[] = []
    this.#held = held
    return () => {
      this.#held = undefined
      for (const go of held) go()
    }
  }

  get messages(): Message[] {
    return this.#rows((block, index) => (block.isMessage(index) ? block.message(index) : undefined))
  }

  get rejections(): (Rejection & { source: string; raw: Buffer })[] {
    return this.#rows((block, index) =>
      block.isMessage(index)
        ? undefined
        : { ...block.rejection(index), source: block.source(index), raw: block.raw(index) },
    )
  }

  get messageIds(): string[] {
    return this.#rows((block, index) => (block.isMessage(index) ? block.envelope(index).messageId : undefined))
  }

  #rows<T>(read: (block: Block, index: number) => T | undefined): T[] {
    const rows: T[] = []
    for (const block of this.blocks) {
      for (let index = 0; index < block.rowCount; index++) {
        const value = read(block, index)
        if (value !== undefined) rows.push(value)
      }
    }
    return rows
  }
}

export interface TestAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

export interface TestServer extends AsyncDisposable {
  api: TrackingApi
  log: MemoryLog
  port: number
  /** Sends a request; a body that is no text or bytes goes as JSON. The write key is `wk_web` unless headers say otherwise. */
  post(path: string, body: unknown, headers?: OutgoingHttpHeaders): Promise<TestAnswer>
  send(method: string, path: string, headers?: OutgoingHttpHeaders, body?: string | Buffer): Promise<TestAnswer>
}

export const basic = (key: string): string => `Basic ${Buffer.from(`${key}:`).toString('base64')}`

export const startTestServer = async (
  options: Partial<IngestionOptions> = {},
  sources: readonly IngestSource[] = [testSource('web')],
): Promise<TestServer> => {
  const log = new MemoryLog()
  const api = new TrackingApi({ append: log.append, fingerprintKey: new Uint8Array(8), ...options })
  api.setSources(sources)
  const server = createServer(api.serverOptions, (request, response) => api.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const send: TestServer['send'] = (method, path, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const request = httpRequest({ port, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        )
      })
      request.on('error', reject)
      request.end(body)
    })
  return {
    api,
    log,
    port,
    send,
    post: (path, body, headers = { authorization: basic('wk_web') }) =>
      send('POST', path, headers, typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A good message that can be told from others. */
export const goodMessage = (messageId: string) => ({ type: 'track', event: 'Kept', userId: 'u1', messageId })
