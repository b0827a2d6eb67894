import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { DestinationStatus, Json, ReplayRequest, ReplayStatus } from '@millrace/protocol'
import { MemoryStateStore } from '@millrace/testkit'
import { createControlApi } from '../api/control-api.ts'
import type { ControlDependencies } from '../api/dependencies.ts'
import { WorkspaceVersions } from '../versions/workspace-versions.ts'
import type { WorkspaceVersionsOptions } from '../versions/workspace-versions.ts'
import { testRegistry } from './test-registry.ts'

export const testToken = 'token-of-the-test'

const ledger = { at: '2026-01-02T00:00:00.000Z', sources: [], destinations: [] }

/** The control API on a real server on loopback, with dependencies that a test replaces where it matters. */
export async function startControlServer(
  replaced: Partial<ControlDependencies> = {},
  versionOptions: Partial<WorkspaceVersionsOptions> = {},
) {
  const errors: unknown[] = []
  const versions = await WorkspaceVersions.open({
    state: new MemoryStateStore(),
    registry: testRegistry,
    env: {},
    secretKey: Buffer.alloc(32, 1),
    head: async () => ({ block: 0, index: 0 }),
    cursorAt: async () => ({ block: 0, index: 0 }),
    backlog: async () => 0,
    now: () => Date.UTC(2026, 0, 2),
    ...versionOptions,
  })
  const deps: ControlDependencies = {
    token: testToken,
    loopback: true,
    registry: testRegistry,
    versions,
    ledger: async () => ledger,
    verifyLedger: async () => ({ balanced: true, messagesRead: 0, ledger, problems: [] }),
    trace: async (messageId) => ({ messageId, traces: [] }),
    tail: async () => ({ entries: [], next: '0:0' }),
    tailChanged: (_next, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    rejections: async () => [],
    violations: async () => [],
    destinations: async () => [],
    pause: async (destination, reason) => ({
      ...statusOf(destination),
      state: 'paused',
      hold: { cause: 'operator', since: '2026-01-02T00:00:00.000Z', reason },
    }),
    resume: async (destination) => statusOf(destination),
    deadLetters: async () => ({ entries: [] }),
    deadLetter: async (_, id) => ({
      id,
      messageId: 'm',
      position: '0:0',
      source: 'web',
      action: 'send',
      reason: 'rejected',
      code: 'http_400',
      detail: 'no',
      attempts: 1,
      at: '2026-01-02T03:04:05.000Z',
    }),
    redrive: async () => ({ redriven: 0, ids: [], skipped: [] }),
    redriveProgress: async () => ({ waiting: 0, delivered: 0, dead: 0 }),
    deadLetterCauses: async () => ({ causes: [], counted: 0, complete: true }),
    profile: async (name) => ({ profileId: 'p1', name, identifiers: [name], links: [] }),
    tryIdentityRules: async () => ({
      profiles: { now: 0, tried: 0 },
      refusedLinks: { now: 0, tried: 0 },
      split: 0,
      joined: 0,
      examples: [],
    }),
    identityCuts: async () => [],
    cutIdentity: async ({ a, b, by }) => ({ id: 'c1', a, b, by, at: '2026-01-02T03:04:05.000Z' }),
    uncutIdentity: async (id) => ({ id, a: 'userId:u', b: 'userId:v', by: 'ada', at: '2026-01-02T03:04:05.000Z' }),
    sql: async () => ({ columns: [], rows: [], truncated: false }),
    preview: async ({ message }) => ({ messageId: message.messageId, outcome: 'matched', actions: [] }),
    shadow: async () => ({
      messages: 0,
      unchanged: 0,
      changed: 0,
      newlyMatched: 0,
      newlyFiltered: 0,
      newlyFailing: 0,
      repaired: 0,
      samples: [],
    }),
    replay: async (request, { dryRun }) => ({
      estimate: { messages: 3, selected: 2, matching: 1, sampled: false, messagesPerSecond: 10, durationMs: 100 },
      samples: [],
      ...(!dryRun && { replay: replayOf(request) }),
    }),
    replays: async () => [],
    showReplay: async () => ({ ...replayOf({ destination: 'hook', from: '', to: '' }), failures: [] }),
    changeReplay: async () => replayOf({ destination: 'hook', from: '', to: '' }),
    alerts: async () => ({ alerts: [], notifiers: [] }),
    testAlert: async (alert) => ({ alert, results: [] }),
    readiness: async () => ({ ready: true, reasons: [] }),
    metrics: async () => 'millrace_up 1\n',
    status: async () => ({ version: '0.1.0' }),
    logError: (error) => void errors.push(error),
    ...replaced,
  }
  const server = createServer(createControlApi(deps))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    versions,
    /** What the API reported to the log. */
    errors,
    send: (method: string, path: string, options?: SendOptions) => send(port, method, path, options),
    open: (method: string, path: string, options?: SendOptions) => open(port, method, path, options),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface SendOptions {
  /** Sent as JSON, or as it is when it is bytes or text. */
  body?: Json | Uint8Array
  headers?: Record<string, string>
  /** Default: the right one; null: none. */
  token?: string | null
}

async function send(port: number, method: string, path: string, options?: SendOptions) {
  const response = await open(port, method, path, options)
  const bytes = await buffer(response)
  const text = bytes.toString()
  const isJson = response.headers['content-type']?.includes('json') === true && !isLines(response)
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    json: (isJson && text !== '' ? JSON.parse(text) : null) as Json,
  }
}

const isLines = (response: IncomingMessage) => response.headers['content-type'] === 'application/x-ndjson'

/** The response as soon as its head is there. */
function open(
  port: number,
  method: string,
  path: string,
  { body, headers = {}, token = testToken }: SendOptions = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
    const options = { host: '127.0.0.1', port, method, path, agent: false, headers: { ...authorization, ...headers } }
    const request = httpRequest(options, resolve).on('error', reject)
    if (body === undefined) request.end()
    else request.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body))
  })
}

const statusOf = (destination: string): DestinationStatus => ({
  destination,
  type: 'webhook',
  state: 'running',
  cursor: '0:0',
  lagBytes: 0,
  inFlight: 0,
})

const replayOf = (request: ReplayRequest): ReplayStatus => ({
  ...request,
  id: 'replay-1',
  state: 'running',
  createdAt: '2026-01-02T00:00:00.000Z',
  progress: 0,
  counts: { selected: 2, delivered: 0, filtered: {}, failed: {}, pending: 2, exact: false },
})
