import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { CliContext } from './context.ts'
import { CommandFailure } from './failure.ts'

/** The lines of a file, one at a time; `-` is the standard input. Throws `CommandFailure` when it cannot be opened. */
export async function* readLines(context: CliContext, file: string): AsyncGenerator<string, void, undefined> {
  if (file === '-') {
    yield* createInterface({ input: context.stdin, crlfDelay: Infinity })
    return
  }
  const handle = await open(resolve(context.cwd, file)).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandFailure(`The file ${file} cannot be opened: ${reason}`, { cause })
  })
  try {
    yield* handle.readLines()
  } finally {
    await handle.close()
  }
}
