import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../structure/source-files.ts'
import type { ServerUnderTest } from '../support/server-under-test.ts'

const run = promisify(execFile)
const launcher = join(root, 'packages/cli/bin/millrace.js')

/** Runs a line of a document that begins with `npx millrace`, as it is typed, for the data folder of this server. */
export const typed = async (
  command: string,
  { data }: Pick<ServerUnderTest, 'data'>,
  { cwd = root, env = {} }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<string> => {
  const line = command.replace(/^npx millrace/, `'${process.execPath}' '${launcher}'`)
  const environment = { ...process.env, MILLRACE_DATA: data, ...env }
  return (await run('sh', ['-c', line], { cwd, env: environment, timeout: 30_000 })).stdout
}
