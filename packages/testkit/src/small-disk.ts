import { execFileSync } from 'node:child_process'
import { isSkip } from './conformance/skip.ts'
import type { Skip } from './conformance/skip.ts'
import { removeFolder, temporaryFolder } from './temporary-folder.ts'

/** A file system of a few MB, to see what happens when it is full. */
export interface SmallDisk extends AsyncDisposable {
  folder: string
}

/**
 * Mounts a file system in memory of `bytes` bytes in a temporary folder. Needs Linux and root; elsewhere it gives the
 * reason for skipping, but with CI=true in the environment it throws, so that the tests run somewhere.
 */
export const mountSmallDisk = async (bytes: number): Promise<SmallDisk | Skip> => {
  const folder = await temporaryFolder()
  try {
    if (process.platform !== 'linux') throw new Error(`${process.platform} has no tmpfs`)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'millrace-test', folder], { stdio: 'pipe' })
  } catch (error) {
    await removeFolder(folder)
    if (process.env['CI'] === 'true') throw new Error('CI must run the tests of a full disk', { cause: error })
    return { reason: `cannot mount a small disk: ${error instanceof Error ? error.message.trim() : String(error)}` }
  }
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      execFileSync('umount', [folder])
      await removeFolder(folder)
    },
  }
}

/**
 * Mounts a small disk for one test, or skips it with the reason.
 * @param skip The `skip` of the test's context.
 */
export const withSmallDisk = async (
  bytes: number,
  skip: (reason: string) => void,
  use: (folder: string) => Promise<void>,
): Promise<void> => {
  const disk = await mountSmallDisk(bytes)
  if (isSkip(disk)) {
    skip(disk.reason)
    return
  }
  await using mounted = disk
  await use(mounted.folder)
}
