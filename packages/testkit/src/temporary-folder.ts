import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder under the system's temporary one. The caller removes it with `removeFolder`. */
export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'millrace-test-'))

/** Removes a folder that `temporaryFolder` made, with all in it. */
export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })
