import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * What a data folder holds:
 *
 *   format.json      version of this layout; a newer one is refused
 *   keys.json        secret keys of this folder (mode 600)
 *   admin-token      the token of the HTTP API (mode 600)
 *   server.json      where the running server listens, and its process id
 *   <role>.lock      held while a process of that role runs; the system frees it when the process dies
 *   log/             segments of the event log
 *   index/           messageId → place in the log
 *   resolve.db  delivery.db  control.db    state of each stage, with its cursors
 *   destinations/    files that destinations keep
 */
export const FORMAT = 1

export interface DataFolder {
  path: string
  log: string
  index: string
  resolveState: string
  deliveryState: string
  controlState: string
  keys: FolderKeys
  adminToken: string
}

export interface FolderKeys {
  /** 8 bytes: fingerprints of messageIds. Changing it makes indexes and deduplication forget. */
  fingerprint: Buffer
  /** 32 bytes: encrypts secrets in stored workspace documents. */
  secrets: Buffer
}

/** Opens the folder, making it if needed. Rejects when a newer Millrace wrote it. */
export const openDataFolder = async (path: string): Promise<DataFolder> => {
  const root = resolve(path)
  await mkdir(root, { recursive: true })
  await checkFormat(join(root, 'format.json'))
  const keys = await readOrMake(join(root, 'keys.json'), () =>
    JSON.stringify({ fingerprint: randomBytes(8).toString('hex'), secrets: randomBytes(32).toString('hex') }),
  )
  const { fingerprint, secrets } = JSON.parse(keys) as { fingerprint: string; secrets: string }
  const adminToken = await readOrMake(join(root, 'admin-token'), () => `mra_${randomBytes(24).toString('base64url')}`)
  return {
    path: root,
    log: join(root, 'log'),
    index: join(root, 'index'),
    resolveState: join(root, 'resolve.db'),
    deliveryState: join(root, 'delivery.db'),
    controlState: join(root, 'control.db'),
    keys: { fingerprint: Buffer.from(fingerprint, 'hex'), secrets: Buffer.from(secrets, 'hex') },
    adminToken: adminToken.trim(),
  }
}

/**
 * Holds the lock of a role until the process ends. An SQLite write lock: the system releases it even on `kill -9`, and
 * waiting for a predecessor that is just dying is built in. Throws after 10 seconds.
 */
export const lockRole = (folder: DataFolder, role: string): void => {
  const database = new DatabaseSync(join(folder.path, `${role}.lock`))
  try {
    database.exec('PRAGMA busy_timeout = 10000; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
  } catch (error) {
    throw new Error(
      `${folder.path} is in use by another running Millrace (role "${role}"); stop it, or use another folder with --data`,
      { cause: error },
    )
  }
  locks.push(database)
}
/** Keeps the connections, and with them the locks, from being collected. */
const locks: DatabaseSync[] = []

const checkFormat = async (path: string): Promise<void> => {
  const text = await readOrMake(path, () => JSON.stringify({ format: FORMAT }))
  const { format } = JSON.parse(text) as { format: number }
  if (format > FORMAT) {
    throw new Error(`${path} says format ${format}, this Millrace knows formats up to ${FORMAT}; use a newer Millrace`)
  }
}

/** Reads a small file, or makes it so that it is either whole or absent after a crash. */
const readOrMake = async (path: string, make: () => string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const text = make()
  const temporary = `${path}.new`
  await writeFile(temporary, text, { mode: 0o600 })
  await chmod(temporary, 0o600)
  const handle = await open(temporary, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, path)
  return text
}
