import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createApiClient } from '@millrace/api-client'
import type { ApiClient } from '@millrace/api-client'
import { familyOf } from './process-family.ts'
import { startNode, stopProcess } from './processes.ts'
import { temporaryFolder } from './temporary.ts'
import { waitUntil } from './wait-until.ts'

export interface ServerOptions {
  /** Destinations of the workspace; the one source `web` has the key that the generator sends. */
  destinations?: Record<string, unknown>
  /** Settings of the workspace. */
  settings?: Record<string, unknown>
  /** 0: the process that owns the log listens. */
  ingestProcesses: number
  cpus?: string | undefined
  env?: Record<string, string>
}

export interface ServerUnderTest extends AsyncDisposable {
  url: string
  port: number
  pid: number
  token: string
  api: ApiClient
  /** Resolves when all these messages are resolved, and, unless told otherwise, no destination has any left. */
  settled: (accepted: number, options: { timeoutMs: number; pending?: number }) => Promise<void>
  stop: () => Promise<void>
}

const main = fileURLToPath(new URL('../packages/server/src/main.ts', import.meta.url))

/** Starts Millrace on a data folder of its own, which goes with it. */
export const startServer = async ({
  destinations = {},
  settings = {},
  ...options
}: ServerOptions): Promise<ServerUnderTest> => {
  const folder = temporaryFolder()
  const data = join(folder.path, 'data')
  const config = join(folder.path, 'workspace.json')
  const workspace = {
    sources: { web: { type: 'http', name: 'Web shop', writeKeys: ['wk_web'] } },
    destinations,
    network: { allow: ['127.0.0.0/8'] },
    settings,
  }
  writeFileSync(config, JSON.stringify(workspace))
  const args = [main, 'start', '--config', config, '--data', data, '--port', '0', '--json']
  args.push('--ingest-processes', String(options.ingestProcesses))
  const { child, pid, firstLine } = startNode(args, { cpus: options.cpus, env: options.env })
  const { url } = JSON.parse(await firstLine) as { url: string }
  const token = (await readFile(join(data, 'admin-token'), 'utf8')).trim()
  const api = createApiClient({ baseUrl: url, token })
  const stop = () => stopProcess(child)
  return {
    url,
    port: Number(new URL(url).port),
    pid,
    token,
    api,
    settled: async (accepted, { timeoutMs, pending = 0 }) => {
      const what = `${accepted} messages resolved, ${pending} of them pending`
      const until = (isSo: () => Promise<boolean>, everyMs: number): Promise<true> =>
        waitUntil(async () => ((await isSo()) ? true : undefined), { what, timeoutMs, everyMs })
      // The ledger is exact, but each look costs the server milliseconds that would count as its own; cursors cost nothing.
      if (pending === 0) await until(() => isCaughtUp(api), 100)
      await until(() => isSettled(api, accepted, pending), 500)
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** True when resolve stage and destinations have read all of the log. */
const isCaughtUp = async (api: ApiClient): Promise<boolean> => {
  const { log } = (await api.status()) as { log: { head: number; resolveCursor: number } | null }
  if (log === null || log.resolveCursor < log.head) return false
  const { destinations } = await api.destinations()
  return destinations.every(({ lagBytes }) => lagBytes === 0)
}

const isSettled = async (api: ApiClient, accepted: number, pending: number): Promise<boolean> => {
  const ledger = await api.ledger()
  const [source] = ledger.sources
  if (source === undefined || source.accepted < accepted || source.unresolved > 0) return false
  return ledger.destinations.every(
    ({ pending: { waiting, inFlight, parked } }) => waiting + inFlight + parked === pending,
  )
}

/** The processes of a server by name, for a profile. */
export const processNames = ({ pid }: ServerUnderTest): Map<number, string> =>
  new Map(familyOf(pid).map((member) => [member.pid, member.name]))
