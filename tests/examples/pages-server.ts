import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { root } from '../structure/source-files.ts'
import type { Target } from './languages.ts'

/** `examples/serve.mjs` as its readers start it, with the pages' addresses that it prints. */
export interface PagesServer extends AsyncDisposable {
  addressOf: (useCase: string) => string
}

/** Rejects when the program ends before it has printed `pages` addresses. */
export const startPagesServer = async ({ url, writeKey }: Target, pages: number): Promise<PagesServer> => {
  const child = spawn(process.execPath, [join(root, 'examples/serve.mjs')], {
    env: { ...process.env, MILLRACE_URL: url, MILLRACE_WRITE_KEY: writeKey, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const addresses: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    addresses.push(line)
    if (addresses.length === pages) break
  }
  if (addresses.length < pages) throw new Error(`examples/serve.mjs ended after ${addresses.length} addresses`)
  return {
    addressOf: (useCase) => {
      const address = addresses.find((each) => each.includes(`/${useCase}/`))
      if (address === undefined) throw new Error(`examples/serve.mjs names no page of ${useCase}`)
      return address
    },
    [Symbol.asyncDispose]: async () => {
      child.kill()
      await ended
    },
  }
}
