import { execFileSync } from 'node:child_process'
import { cpus, release, tmpdir, totalmem, type } from 'node:os'

/** One line that says what the figures were taken on. */
export const describeMachine = (): string => {
  const [processor] = cpus()
  const memory = `${Math.round(totalmem() / 1e9)} GB of memory`
  const system = `${type()} ${release().split('-')[0]}`
  return `${cpus().length} × ${processor?.model.trim() ?? 'unknown processor'}, ${memory}, ${fileSystem()}, ${system}, Node ${process.versions.node}`
}

const fileSystem = (): string => {
  try {
    const lines = execFileSync('df', ['--output=fstype', tmpdir()], { encoding: 'utf8' }).trim().split('\n')
    return lines.at(-1) ?? 'unknown file system'
  } catch {
    return 'unknown file system'
  }
}
