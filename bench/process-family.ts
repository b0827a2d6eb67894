import { readFileSync, readdirSync } from 'node:fs'

/** What Linux knows of a process and all that descend from it: processor time and memory, by process. */

interface Member {
  pid: number
  name: string
}

const readStat = (pid: number): string[] | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    // It ended meanwhile.
    return undefined
  }
}

/** The server's processes have titles (`millrace deliver`); of others the name of the program is taken. */
const nameOf = (pid: number): string => {
  let command = ''
  try {
    command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return 'ended'
  }
  const title = /^millrace (\S+)/.exec(command)?.[1]
  if (title !== undefined) return title
  if (command.includes('/duckdb/child.ts')) return 'duckdb'
  if (command.includes('/server/src/main.ts')) return 'control'
  return /([\w-]+)\.ts\b/.exec(command)?.[1] ?? command.slice(0, 40)
}

/** A process and all that descend from it, the first one first. */
export const familyOf = (pid: number): Member[] => {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? readStat(Number(name))?.[1] : undefined
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const family = [pid]
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child)
  return family.map((member) => ({ pid: member, name: nameOf(member) }))
}

/** Ticks of `/proc`: Linux gives them in hundredths of a second on every architecture. */
const TICKS_PER_SECOND = 100

export type CpuSeconds = Readonly<Record<string, number>>

/** Processor seconds (user and system, all threads) that each process of a family has used so far, by name. */
export const cpuSeconds = (pid: number): CpuSeconds => {
  const seconds: Record<string, number> = {}
  for (const member of familyOf(pid)) {
    const stat = readStat(member.pid)
    if (stat === undefined) continue
    seconds[member.name] = (seconds[member.name] ?? 0) + (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND
  }
  return seconds
}

/** Processor microseconds per message of each process, between two readings. */
export const cpuMicros = (before: CpuSeconds, after: CpuSeconds, messages: number): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [name, ((seconds - (before[name] ?? 0)) * 1e6) / messages]),
  )

export interface Memory {
  /** What only these processes can use, in bytes. */
  anonymousBytes: number
  /** Mapped files, which the system drops when it needs the memory. */
  fileBytes: number
  anonymousBytesByProcess: Record<string, number>
}

/** Memory of a family. */
export const memoryOf = (pid: number): Memory => {
  const memory: Memory = { anonymousBytes: 0, fileBytes: 0, anonymousBytesByProcess: {} }
  for (const member of familyOf(pid)) {
    let status: string
    try {
      status = readFileSync(`/proc/${member.pid}/status`, 'utf8')
    } catch {
      // It ended meanwhile.
      continue
    }
    const read = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024
    const anonymous = read('RssAnon')
    memory.anonymousBytes += anonymous
    memory.fileBytes += read('RssFile')
    memory.anonymousBytesByProcess[member.name] = (memory.anonymousBytesByProcess[member.name] ?? 0) + anonymous
  }
  return memory
}

/** RssAnon in bytes and open descriptors of each process of a family, by name. */
export const holdingsOf = (pid: number): Map<string, { anonymousBytes: number; descriptors: number }> => {
  const { anonymousBytesByProcess } = memoryOf(pid)
  const holdings = new Map<string, { anonymousBytes: number; descriptors: number }>()
  for (const member of familyOf(pid)) {
    let descriptors: number
    try {
      descriptors = readdirSync(`/proc/${member.pid}/fd`).length
    } catch {
      // It ended meanwhile.
      continue
    }
    const anonymousBytes = anonymousBytesByProcess[member.name]
    if (anonymousBytes !== undefined) holdings.set(member.name, { anonymousBytes, descriptors })
  }
  return holdings
}

export interface MachineUse {
  /** Processor seconds that all programs used, and that the hypervisor withheld, since the machine started. */
  busySeconds: number
  stolenSeconds: number
  /** Processor seconds of this program and of its children that have ended, theirs included. */
  ownSeconds: number
}

/** Two readings tell how much other programs used meanwhile. The children of the benchmark must have ended by then. */
export const machineUse = (): MachineUse => {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1)
  const [, user, nice, system, , , irq, softIrq, stolen] = line.split(/\s+/)
  const own = readStat(process.pid) ?? []
  const sum = (...ticks: (number | string | undefined)[]): number =>
    ticks.reduce<number>((total, tick) => total + Number(tick ?? 0), 0) / TICKS_PER_SECOND
  return {
    busySeconds: sum(user, nice, system, irq, softIrq),
    stolenSeconds: sum(stolen),
    ownSeconds: sum(own[11], own[12], own[13], own[14]),
  }
}
