import { fileURLToPath } from 'node:url'
import { run } from './run.ts'

/** The process of the command `millrace`: the one place of this package that reads the environment and exits. */
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
// The reader of a pipe may leave early (`millrace tail | head`): that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupt.signal,
  serverMain: fileURLToPath(new URL('main.ts', import.meta.resolve('@millrace/server'))),
})
