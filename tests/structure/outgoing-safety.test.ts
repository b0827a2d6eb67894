import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import dns from 'node:dns'
import net from 'node:net'
import { describe, it, mock } from 'node:test'
import { checkPayload, compileMapping, presetsOf } from '@millrace/component-kit'
import type { AnyAction, AnyDestination, DeliverContext, Fields, HttpRequest } from '@millrace/component-kit'
import { destinations } from '@millrace/destinations'
import type { JsonObject } from '@millrace/protocol'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { filesOf, read } from './source-files.ts'

/**
 * A destination reaches the network through the client that it is given and through nothing else: that client checks
 * addresses, follows no redirects and bounds time and size. Two proofs over everything that is registered: the code of
 * destinations names nothing that opens a connection, and running all of it opens none.
 */
const reachesOut =
  /\b(?:fetch|XMLHttpRequest|WebSocket|EventSource)\s*\(|from '(?:node:)?(?:net|tls|dgram|dns|http2|https|child_process|worker_threads|cluster|undici|ws)(?:\/promises)?'/
/** What may be taken from `node:http`: checks of texts. */
const harmlessHttp =
  /^import \{ (?:validateHeaderName|validateHeaderValue)(?:, validateHeaderValue)? \} from 'node:http'$/

describe('outgoing safety', () => {
  it('no destination names what opens a connection', () => {
    const files = filesOf('packages/destinations/src/**/*.ts').filter((file) => !/\.test\.ts$|\/testing\//.test(file))
    assert.ok(files.length > 20)
    const found = files.flatMap((file) =>
      read(file)
        .split('\n')
        .filter((line) => reachesOut.test(line) || (/from 'node:http'/.test(line) && !harmlessHttp.test(line)))
        .map((line) => `${file}: ${line}`),
    )
    assert.deepEqual(found, [])
    const { dependencies } = JSON.parse(read('packages/destinations/package.json')) as { dependencies: JsonObject }
    assert.deepEqual(Object.keys(dependencies).sort(), ['@millrace/component-kit', '@millrace/protocol'])
  })

  for (const [slug, load] of Object.entries(destinations)) {
    it(`${slug}: all its actions and its check go through the client that they are given`, async () => {
      const destination: AnyDestination = await load()
      const opened: string[] = []
      const refuse = (what: string) => () => {
        opened.push(what)
        throw new Error(`${what} is not the client that was given`)
      }
      const traps = [
        mock.method(globalThis, 'fetch', refuse('fetch')),
        mock.method(net.Socket.prototype, 'connect', refuse('a socket')),
        mock.method(dns, 'lookup', refuse('a look-up')),
        mock.method(dgram.Socket.prototype, 'send', refuse('a datagram')),
      ]
      const folder = await temporaryFolder()
      const requests: HttpRequest[] = []
      try {
        for (const { action: name, fields } of presetsOf(destination)) {
          const action = destination.actions[name] as AnyAction
          for (const { message, settings = {} } of action.examples) {
            const context = contextOf(destination, settings, folder, requests)
            const { values } = checkPayload(action.fields).parse(compileMapping(fields).apply(message))
            assert.ok(values !== undefined, `${slug}.${name}: its example fits its fields`)
            await action.deliver(context, [{ action: name, values, idempotencyKey: 'key', messageId: 'm-1' }])
          }
        }
        await destination.check?.(contextOf(destination, {}, folder, requests))
      } finally {
        for (const trap of traps) trap.mock.restore()
        await removeFolder(folder)
      }
      assert.deepEqual(opened, [])
      if (destination.output !== 'files') assert.ok(requests.length > 0, 'it sends')
    })
  }
})

const contextOf = (
  destination: AnyDestination,
  settings: JsonObject,
  dataDirectory: string,
  requests: HttpRequest[],
): DeliverContext<never> => ({
  settings: { ...examplesOf(destination.settings as Fields), ...settings } as never,
  http: {
    request: async (request) => {
      requests.push(request)
      return { status: 200, headers: {}, text: '{}' }
    },
  },
  signal: new AbortController().signal,
  now: () => 0,
  destinationId: 'safe',
  dataDirectory,
})

/** What stands for the settings: defaults, and the examples of those that are required. */
const examplesOf = (fields: Fields): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, { required, example, default: plain }]) =>
      required === true ? [[name, example]] : plain === undefined ? [] : [[name, plain]],
    ),
  )
