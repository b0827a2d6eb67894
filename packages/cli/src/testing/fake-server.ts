import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import type { CliContext } from '../context.ts'
import { run } from '../run.ts'

export interface SeenRequest {
  method: string
  /** With its query. */
  url: string
  headers: IncomingMessage['headers']
  body: unknown
}

/** What a route answers: a status with a JSON body, or with `lines` a stream of JSON lines. */
export interface FakeAnswer {
  status?: number
  body?: unknown
  lines?: readonly unknown[]
  headers?: { readonly [name: string]: string }
}

/** Answers by `METHOD /path`, without the query. */
export type Routes = { [route: string]: FakeAnswer | ((request: SeenRequest) => FakeAnswer) }

export interface FakeServer {
  url: string
  port: number
  /** A data folder that names this server and holds its token. */
  data: string
  token: string
  seen: SeenRequest[]
}

/** A server that answers as told and keeps what it was asked, with a data folder; both gone after the test. */
export async function fakeServer(context: TestContext, routes: Routes): Promise<FakeServer> {
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => {
    const reply = (body: string): void => {
      const { method = '', url = '', headers } = request
      const entry = { method, url, headers, body: body === '' ? undefined : (JSON.parse(body) as unknown) }
      seen.push(entry)
      const route = routes[`${method} ${url.split('?')[0]}`]
      const answer = typeof route === 'function' ? route(entry) : route
      if (answer === undefined) {
        response.writeHead(404).end('{"code":"not_found","message":"There is no such route."}')
        return
      }
      response.writeHead(answer.status ?? 200, answer.headers)
      response.end(answer.lines?.map((line) => `${JSON.stringify(line)}\n`).join('') ?? JSON.stringify(answer.body))
    }
    void text(request).then(reply)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const data = await temporaryFolder(context)
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  await writeFile(join(data, 'server.json'), JSON.stringify({ url, pid: process.pid }))
  await writeFile(join(data, 'admin-token'), 'token-1\n')
  return { url, port, data, token: 'token-1', seen }
}

/** A port that nobody listens on: it was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Runs a command line in this process and gives what it printed. */
export async function runCli(
  args: readonly string[],
  overrides: Partial<CliContext> & { isTTY?: boolean } = {},
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const { isTTY = false, ...context } = overrides
  let stdout = ''
  let stderr = ''
  const exitCode = await run(args, {
    env: {},
    cwd: tmpdir(),
    stdin: Readable.from([]),
    stdout: { write: (part) => (stdout += part), isTTY },
    stderr: { write: (part) => (stderr += part), isTTY },
    signal: new AbortController().signal,
    serverMain: '/nowhere/main.ts',
    ...context,
  })
  return { exitCode, stdout, stderr }
}
