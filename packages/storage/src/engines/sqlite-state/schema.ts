import type { DatabaseSync } from 'node:sqlite'

/**
 * WAL lets other processes read while this one writes. NORMAL syncs at checkpoints only: a power failure may lose the last
 * commits together, never one before another, which is what a `StateStore` promises; a killed process loses none. FULL syncs
 * each commit.
 */
export const configure = (
  database: DatabaseSync,
  { readOnly = false, durable = false }: { readOnly?: boolean; durable?: boolean },
): void => {
  database.exec('PRAGMA busy_timeout = 10000; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY')
  if (readOnly) return
  database.exec('PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 16777216')
  database.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`)
  database.exec(`
    CREATE TABLE IF NOT EXISTS cursors (consumer TEXT PRIMARY KEY, block INTEGER NOT NULL, "index" INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  `)
}

/** One table per space; its name is checked because it becomes part of the SQL. */
export const tableOf = (space: string): string => {
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(space))
    throw new RangeError(`"${space}" is not a name for a space of the state store`)
  return `space_${space}`
}
