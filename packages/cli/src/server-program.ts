import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { CliContext } from './context.ts'
import { CommandFailure } from './failure.ts'

const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const
const signalExitCodes: { readonly [signal: string]: number } = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 }

/**
 * Runs the server's program with this terminal as its own, passes signals on, and gives its exit code. The command line
 * starts it as a program, never as a module: it knows no component.
 */
export async function runServerProgram(context: CliContext, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [context.serverMain, ...args], {
    stdio: 'inherit',
    cwd: context.cwd,
    env: context.env,
  })
  const forward = (signal: NodeJS.Signals) => {
    // A terminal sends Ctrl-C to the child as well, and a second one may mean "at once".
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  for (const signal of signals) process.on(signal, forward)
  try {
    return await exitCodeOf(child)
  } finally {
    for (const signal of signals) process.off(signal, forward)
  }
}

/** Runs the server's program and gives what it printed; its errors go to this terminal. */
export async function readServerProgram(
  context: CliContext,
  args: readonly string[],
): Promise<{ exitCode: number; output: string }> {
  const child = spawn(process.execPath, [context.serverMain, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: context.cwd,
    env: context.env,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => context.stderr.write(text))
  return { exitCode: await exitCodeOf(child), output }
}

async function exitCodeOf(child: ChildProcess): Promise<number> {
  try {
    // `close` comes after the last output, `exit` may come before it.
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return code ?? signalExitCodes[signal ?? ''] ?? 1
  } catch (cause) {
    throw new CommandFailure(`The server's program cannot be started: ${String(cause)}`, { cause })
  }
}
