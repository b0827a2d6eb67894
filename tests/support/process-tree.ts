import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

export interface ProcessEntry {
  pid: number
  parent: number
  command: string
}

/** The children of a process, their children and so on. */
export const descendantsOf = (pid: number): ProcessEntry[] => {
  const all = process.platform === 'linux' ? readProc() : readPs()
  const found: ProcessEntry[] = []
  const parents = new Set([pid])
  // A child may be listed before its parent: pids wrap around.
  for (let before = -1; before !== found.length;) {
    before = found.length
    for (const entry of all) {
      if (!parents.has(entry.parent) || parents.has(entry.pid)) continue
      parents.add(entry.pid)
      found.push(entry)
    }
  }
  return found
}

/** Whether it runs; one that has ended but was not collected by its parent does not. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (process.platform !== 'linux') return true
  try {
    return statOf(pid).state !== 'Z'
  } catch {
    return false
  }
}

/** Memory of a process that is in RAM, in bytes; only on Linux. */
export const residentBytes = (pid: number): number => {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(match?.[1] ?? 0) * 1024
}

const statOf = (pid: number): { state: string; parent: number } => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold anything, spaces and parentheses too.
  const [state = '', parent = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state, parent: Number(parent) }
}

const readProc = (): ProcessEntry[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const pid = Number(name)
      try {
        const { state, parent } = statOf(pid)
        if (state === 'Z') return []
        return [{ pid, parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }]
      } catch {
        return [] // It ended meanwhile.
      }
    })

const readPs = (): ProcessEntry[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)
      return match === null ? [] : [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }]
    })
