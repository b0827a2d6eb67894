import { thisWindow } from './dom.ts'
import { createWithEngine } from './create-analytics.ts'
import { addressOf, globalNameOf, ownScript, replay } from './snippet-queue.ts'
import type { SnippetQueue } from './snippet-queue.ts'

/**
 * The script that a page loads from Millrace. It takes over the calls that the snippet has kept, and starts with the write
 * key and the address that it was loaded with. Nothing more is fetched.
 */
const start = (): void => {
  const win = thisWindow()
  if (!win) return
  const script = ownScript(win)
  const name = globalNameOf(script)
  const globals = win as unknown as { [name: string]: SnippetQueue | undefined }
  const queue = globals[name]
  if (queue?.initialized) return console.error('Millrace is on this page already.')
  const { analytics, engine } = createWithEngine(win)
  const { host, writeKey: asked } = addressOf(script?.src ?? '') ?? {}
  // The server writes the key here, for copies of the script that lie elsewhere.
  const served = '__WRITE_KEY__'
  const writeKey = queue?._writeKey ?? asked ?? (served.startsWith('__WRITE') ? undefined : served)
  globals[name] = Object.assign(analytics, { initialized: true, invoked: true }) as unknown as SnippetQueue
  if (writeKey) engine.load({ ...(host !== undefined && { host }), ...queue?._loadOptions, writeKey })
  replay(queue ?? [], analytics, engine.call)
}

start()
