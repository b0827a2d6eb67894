import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'

/** One system call of a traced process; the numbers are lines of the trace, so they order calls of all processes. */
export interface SystemCall {
  name: string
  /** What the first argument stands for: a path, or `socket:[…]`, which names a connection in all processes. */
  file: string
  /** Arguments and result as strace prints them. */
  text: string
  began: number
  ended: number
}

export interface Trace {
  /** Lets go of the processes and gives what they did. */
  stop(): Promise<SystemCall[]>
}

/** Why system calls cannot be traced here; undefined when they can. With CI=true there is no excuse. */
export const cannotTrace = (): string | undefined => {
  const reason =
    process.platform !== 'linux'
      ? `${process.platform} has no strace; run this test on Linux`
      : spawnSync('strace', ['-V']).status === 0
        ? undefined
        : 'strace is not installed; get it with: apt-get install strace (or dnf, apk, pacman)'
  if (reason !== undefined && process.env['CI'] === 'true') throw new Error(`CI must trace system calls: ${reason}`)
  return reason
}

/**
 * Attaches to processes and all their threads. Every `fdatasync` is made to return late, so that whoever does not wait for
 * it is seen not to.
 */
export const traceSystemCalls = async (pids: readonly number[], file: string): Promise<Trace> => {
  const calls = 'read,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fdatasync,fsync'
  const strace = spawn(
    'strace',
    [
      '-f',
      '-y',
      '-s',
      '200000',
      '-o',
      file,
      '-e',
      `trace=${calls}`,
      '-e',
      'signal=none',
      '-e',
      'inject=fdatasync:delay_exit=15000',
      ...pids.flatMap((pid) => ['-p', String(pid)]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const exited = once(strace, 'exit')
  const said: string[] = []
  const { promise: attached, resolve, reject } = Promise.withResolvers<void>()
  const waiting = new Set(pids)
  createInterface({ input: strace.stderr }).on('line', (line) => {
    said.push(line)
    const match = /^strace: Process (\d+) attached/.exec(line)
    if (match !== null) waiting.delete(Number(match[1]))
    if (waiting.size === 0) resolve()
  })
  exited.then(
    () => reject(new Error(`strace ended: ${said.join('\n')}`)),
    () => undefined,
  )
  await attached
  return {
    stop: async () => {
      strace.kill('SIGINT')
      await exited
      return parseTrace(await readFile(file, 'latin1'))
    },
  }
}

/**
 *   pid name(fd<file>, …) = result
 *   pid name(fd<file>, … <unfinished ...>        and later        pid <... name resumed>…) = result
 */
export const parseTrace = (text: string): SystemCall[] => {
  const calls: SystemCall[] = []
  const unfinished = new Map<string, SystemCall>()
  for (const [number, line] of text.split('\n').entries()) {
    const resumed = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/.exec(line)
    if (resumed !== null) {
      const call = unfinished.get(resumed[1] ?? '')
      unfinished.delete(resumed[1] ?? '')
      if (call === undefined) continue
      call.text += resumed[2] ?? ''
      call.ended = number
      continue
    }
    const begun = /^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$/.exec(line)
    if (begun === null) continue
    const [, thread = '', name = '', file = '', rest = ''] = begun
    const call: SystemCall = { name, file, text: rest, began: number, ended: Infinity }
    if (rest.endsWith('<unfinished ...>')) unfinished.set(thread, call)
    else call.ended = number
    calls.push(call)
  }
  return calls
}
