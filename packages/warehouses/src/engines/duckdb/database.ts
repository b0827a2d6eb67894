import { DuckDBInstance } from '@duckdb/node-api'
import { setTimeout as sleep } from 'node:timers/promises'

const lockRetryMs = 50
const lockRetries = 100

/**
 * In this order, because each one applies to what follows: the temporary directory cannot be set without external
 * access, and nothing can be set under the lock.
 * - 16 KiB blocks: a load of many tables with many columns keeps one block per column; with the usual 256 KiB the
 *   memory limit is met at some 9,000 columns, with 16 KiB the load spills to disk and succeeds.
 * - A checkpoint rewrites the end of every table it touches: at 64 MB of log instead of 16 MB a load costs 29 instead
 *   of 40 µs a message.
 */
const settings = (path: string): Record<string, string> => ({
  default_block_size: '16384',
  temp_directory: `${path}.tmp`,
  memory_limit: '256MB',
  threads: '1',
  checkpoint_threshold: '64MB',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  enable_external_access: 'false',
  lock_configuration: 'true',
})

const isLocked = (error: unknown): boolean => error instanceof Error && /could not set lock/i.test(error.message)

/**
 * Opens the file, and waits up to five seconds for the lock: after a crash the former owner may still be on its way out.
 * Rejects when the file is not a DuckDB database, or when somebody else keeps it.
 */
export const openDatabase = async (path: string): Promise<DuckDBInstance> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await DuckDBInstance.create(path, settings(path))
    } catch (error) {
      if (!isLocked(error)) throw error
      if (attempt === lockRetries) {
        throw new Error(`${path} is in use by another process; stop it, or give this destination a file of its own`, {
          cause: error,
        })
      }
      await sleep(lockRetryMs)
    }
  }
}
