import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { startJsonReceiver } from '../json-receiver.ts'
import type { JsonReceiver } from '../json-receiver.ts'
import { startRecordingProxy } from '../recording-proxy.ts'
import type { RecordingProxy } from '../recording-proxy.ts'
import { ServerUnderTest } from '../server-under-test.ts'

/** A server with one source, behind a recording proxy, that delivers to a webhook and to a warehouse. */
export interface ClientRig extends AsyncDisposable {
  server: ServerUnderTest
  receiver: JsonReceiver
  proxy: RecordingProxy
  source: string
  writeKey: string
}

export const startClientRig = async (source: string, moreWriteKeys: readonly string[] = []): Promise<ClientRig> => {
  const writeKey = `wk_${source}`
  await using stack = new AsyncDisposableStack()
  const folder = await temporaryFolder()
  stack.defer(() => removeFolder(folder))
  const receiver = stack.use(await startJsonReceiver())
  const workspace = {
    sources: { [source]: { type: 'http', writeKeys: [writeKey, ...moreWriteKeys] } },
    destinations: {
      hook: { type: 'webhook', settings: { url: receiver.url, batchSize: 50 } },
      warehouse: { type: 'duckdb', settings: { path: './warehouse.duckdb' } },
    },
    network: { allow: ['127.0.0.0/8'] },
  }
  const server = stack.use(await ServerUnderTest.start({ folder, workspace }))
  await server.ready()
  const proxy = stack.use(await startRecordingProxy(server.url))
  const owned = stack.move()
  return { server, receiver, proxy, source, writeKey, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
