import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Json } from '@millrace/protocol'
import type { CliContext } from './context.ts'
import { CommandFailure } from './failure.ts'

/** Reads a file that holds one JSON value. Throws `CommandFailure` that names the file and what is wrong with it. */
export const readJsonFile = async ({ cwd }: CliContext, file: string): Promise<Json> => {
  try {
    return JSON.parse(await readFile(resolve(cwd, file), 'utf8')) as Json
  } catch (error) {
    throw new CommandFailure(
      `${file} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
