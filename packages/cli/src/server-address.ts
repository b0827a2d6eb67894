import { createApiClient } from '@millrace/api-client'
import type { ApiClient } from '@millrace/api-client'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { CliContext } from './context.ts'
import { CommandFailure } from './failure.ts'

export interface ServerChoice {
  context: CliContext
  values: { readonly port: number | undefined; readonly data: string }
}

/**
 * The address of the server: of a port on this machine when one is given, else what the running server wrote into its
 * data folder. Throws `CommandFailure` when there is none.
 */
export async function serverUrl({ context, values }: ServerChoice): Promise<string> {
  // Port 0 means "any" to `start`, so where it landed stands in the data folder.
  if (values.port !== undefined && values.port !== 0) return `http://127.0.0.1:${values.port}`
  const file = join(resolve(context.cwd, values.data), 'server.json')
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandFailure(
      `No server runs on the data folder ${values.data} (${file} is not there). ` +
        `Start one with: millrace start --data ${values.data}, or name another folder with --data or a port with --port.`,
      { cause },
    )
  })
  const url = urlIn(text)
  if (url === undefined) {
    throw new CommandFailure(`${file} does not say where the server listens. Restart it, or name its port with --port.`)
  }
  return url
}

function urlIn(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as { url?: unknown } | null
    return typeof value?.url === 'string' ? value.url : undefined
  } catch {
    return undefined
  }
}

/** A client of the running server, with the admin token of its data folder. Throws `CommandFailure`. */
export async function connect(choice: ServerChoice): Promise<ApiClient> {
  const baseUrl = await serverUrl(choice)
  const file = join(resolve(choice.context.cwd, choice.values.data), 'admin-token')
  const token = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandFailure(
      `The admin token cannot be read from ${file}. Name the data folder of the server at ${baseUrl} with --data.`,
      { cause },
    )
  })
  return createApiClient({ baseUrl, token: token.trim() })
}
