import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders = new Set<string>()
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export interface TemporaryFolder extends AsyncDisposable {
  path: string
}

/** A folder that is removed at the end of its scope, or of the program. Figures are of the disk that holds it: `TMPDIR`. */
export const temporaryFolder = (): TemporaryFolder => {
  const path = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  folders.add(path)
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true })
      folders.delete(path)
    },
  }
}
