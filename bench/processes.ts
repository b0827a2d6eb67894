import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Processes of the benchmark, pinned to processors where `taskset` exists (Linux). */
export const hasPinning = ((): boolean => {
  try {
    execFileSync('taskset', ['-c', '0', 'true'])
    return true
  } catch {
    return false
  }
})()

export interface Started {
  child: ChildProcess
  pid: number
  /** Resolves with the first line that it prints; rejects with what it wrote to stderr when it ends before. */
  firstLine: Promise<string>
  /** All lines, once it has ended by itself; rejects when it failed. */
  output: Promise<string[]>
}

const running = new Set<ChildProcess>()
// Whatever ends the benchmark, nothing stays behind. The server's own children end with it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface NodeOptions {
  /** Processors that it and its children may use, as `taskset -c` takes them. */
  cpus?: string | undefined
  env?: Record<string, string> | undefined
}

/** Starts a Node process. */
export const startNode = (args: readonly string[], { cpus, env = {} }: NodeOptions = {}): Started => {
  const command = cpus !== undefined && hasPinning ? ['taskset', '-c', cpus, process.execPath] : [process.execPath]
  const child = spawn(command[0] as string, [...command.slice(1), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  running.add(child)
  const lines: string[] = []
  let errors = ''
  child.stderr.on('data', (text: Buffer) => {
    errors = (errors + text.toString()).slice(-2000)
  })
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const output = new Promise<string[]>((resolve, reject) => {
    child.once('close', (code) => {
      running.delete(child)
      if (code === 0) resolve(lines)
      else reject(new Error(`${args[0]} ended with ${code}: ${errors}`))
    })
  })
  const firstLine = new Promise<string>((resolve, reject) => {
    reader.once('line', resolve)
    output.then(([line]) => resolve(line ?? ''), reject)
  })
  // Whoever needs them awaits them; a server that is stopped at the end of a row has nobody who does.
  output.catch(() => undefined)
  firstLine.catch(() => undefined)
  if (child.pid === undefined) throw new Error(`${command[0]} could not be started`)
  return { child, pid: child.pid, firstLine, output }
}

/** Runs a program to its end and reads each line that it prints as JSON. */
export const runNode = async <T>(args: readonly string[], options: NodeOptions = {}): Promise<T[]> => {
  const lines = await startNode(args, options).output
  return lines.map((line) => JSON.parse(line) as T)
}

/** Asks a process to end; kills it when it has not within a minute. */
export const stopProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  await exited
  clearTimeout(timer)
}

/** Moves a running process, all its threads, to these processors. */
export const pin = (pid: number, cpus: string): void => {
  if (hasPinning) execFileSync('taskset', ['-a', '-p', '-c', cpus, String(pid)], { stdio: 'ignore' })
}
