import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/** Folders that this process has open; a second `Analytics` with the same one would mix up their messages. */
const open = new Set<string>()

/** Takes a folder for this process. Throws when another process, or another `Analytics` here, has it. Gives what frees it. */
export const lockFolder = (folder: string): (() => void) => {
  const file = join(folder, 'lock')
  const refuse = (owner: string): never => {
    throw new Error(`the spool folder ${folder} is in use by ${owner}. Give each Analytics a folder of its own.`)
  }
  if (open.has(folder)) refuse('another Analytics of this process')
  for (let tries = 1; ; tries++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = ownerOf(file)
    // Our own number was that of a process before us: in a container it is always the same.
    if (tries > 3 || (owner !== undefined && owner !== process.pid && isAlive(owner))) refuse(`process ${owner}`)
    rmSync(file, { force: true })
  }
  open.add(folder)
  return () => {
    open.delete(folder)
    rmSync(file, { force: true })
  }
}

const ownerOf = (file: string): number | undefined => {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    // It was freed meanwhile.
    return undefined
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
