import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject } from '@millrace/protocol'
import { randomFromEnvironment, removeFolder, startReceiverProcess, temporaryFolder } from '@millrace/testkit'
import type { ReceiverProcess } from '@millrace/testkit'
import { Load } from './load.ts'
import type { LoadOptions } from './load.ts'
import { ServerUnderTest } from './server-under-test.ts'
import { WebhookRecord } from './webhook-record.ts'

export interface Receiver {
  url: string
  record: WebhookRecord
}

/** A folder, a receiver that writes down what it gets, a server that delivers to it and to a warehouse, and a load. */
export interface Rig {
  folder: string
  server: ServerUnderTest
  hook: Receiver
  load: Load
  /** One more receiver; `down` answers 503 to everything. */
  receiver: (name: string, options?: { down: boolean }) => Promise<Receiver>
}

export interface RigOptions {
  what: string
  ingestProcesses?: number
  /** More of the workspace's document. */
  sources?: JsonObject
  settings?: JsonObject
  /** Without a file the workspace is changed through the API. */
  fromFile?: boolean
  /** Of the load, in place of what is usual. */
  load?: Pick<LoadOptions, 'padBytes' | 'pauseMs'>
}

export const workspaceOf = (destinations: JsonObject, sources: JsonObject = {}): JsonObject => ({
  sources: { web: { type: 'http', writeKeys: ['wk_web'] }, ...sources },
  destinations,
  network: { allow: ['127.0.0.0/8'] },
})

export const webhookTo = ({ url }: Receiver): JsonObject => ({
  type: 'webhook',
  settings: { url, batchSize: 50, batchFormat: 'envelope' },
})

export const duckdb: JsonObject = { type: 'duckdb', settings: { path: './warehouse.duckdb' } }

export const withRig = async (options: RigOptions, use: (rig: Rig) => Promise<void>): Promise<void> => {
  const random = randomFromEnvironment(options.what)
  const folder = await temporaryFolder()
  const processes: ReceiverProcess[] = []
  const receiver: Rig['receiver'] = async (name, { down } = { down: false }) => {
    const file = join(folder, `${name}.ndjson`)
    await writeFile(file, '')
    const started = await startReceiverProcess({ file, failFirst: down ? 1e9 : 0 })
    processes.push(started)
    return { url: started.url, record: new WebhookRecord(file) }
  }
  try {
    const hook = await receiver('hook')
    const { ingestProcesses, fromFile = true, sources = {}, settings = {} } = options
    const workspace = { ...workspaceOf({ hook: webhookTo(hook), warehouse: duckdb }, sources), settings }
    await using server = await ServerUnderTest.start({
      folder,
      ...(ingestProcesses !== undefined && { ingestProcesses }),
      ...(fromFile && { workspace }),
    })
    if (!fromFile) await server.api.putWorkspace({ document: workspace, by: 'test' })
    const load = new Load({
      url: () => server.url,
      writeKey: 'wk_web',
      random,
      connections: 3,
      maxBatch: 20,
      ...options.load,
    })
    try {
      await use({ folder, server, hook, load, receiver })
    } finally {
      await load.stop()
    }
  } finally {
    for (const process of processes) await process.kill()
    await removeFolder(folder)
  }
}
