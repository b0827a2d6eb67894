import { open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cursor, Fingerprint, Offset } from '@millrace/storage'
import { ENTRY_BYTES, ENTRY_WORDS } from './sorted-entries.ts'

/** An index file covers the blocks from `from` (inclusive) to `to` (exclusive). */
export interface IndexFile {
  from: Offset
  to: Offset
  path: string
}

/** Begins each file; "MRI1" as bytes. The header is as long as an entry: magic, number of entries, zeros. */
const MAGIC = 0x3149524d
const NAME = /^(\d{16})-(\d{16})\.idx$/

/** All complete index files, in order of the log. */
export const listIndexFiles = async (directory: string): Promise<IndexFile[]> => {
  const files: IndexFile[] = []
  for (const name of await readdir(directory)) {
    const match = NAME.exec(name)
    if (match) files.push({ from: Number(match[1]), to: Number(match[2]), path: join(directory, name) })
  }
  return files.sort((a, b) => a.from - b.from)
}

/** Writes a file under its final name only when it is complete and durable. */
export const writeIndexFile = async (
  directory: string,
  from: Offset,
  to: Offset,
  sorted: Uint32Array,
): Promise<void> => {
  const name = `${pad(from)}-${pad(to)}.idx`
  const temporary = join(directory, `${name}.new`)
  const handle = await open(temporary, 'w')
  try {
    const header = Uint32Array.of(MAGIC, sorted.length / ENTRY_WORDS, 0, 0, 0)
    await handle.writeFile(Buffer.concat([bytesOf(header), bytesOf(sorted)]))
    await handle.datasync()
  } catch (error) {
    // On a full disk a half of a file is a waste of what is left.
    await unlink(temporary).catch(() => undefined)
    throw error
  } finally {
    await handle.close()
  }
  await rename(temporary, join(directory, name))
}

/** Removes what a process that died left half written. */
export const removeUnfinished = async (directory: string): Promise<void> => {
  for (const name of await readdir(directory)) if (name.endsWith('.idx.new')) await unlink(join(directory, name))
}

/** Removes files that lie wholly before `before`: retention has taken the blocks they point to. */
export const removeIndexFiles = async (directory: string, before: Offset): Promise<void> => {
  for (const file of await listIndexFiles(directory)) {
    if (file.to <= before) await unlink(file.path)
  }
}

/** Positions whose fingerprint is the given one. Undefined when the file is gone or not whole. */
export const findInFile = async (file: IndexFile, fingerprint: Fingerprint): Promise<Cursor[] | undefined> => {
  const handle = await open(file.path, 'r').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  if (handle === undefined) return undefined
  try {
    const { size } = await handle.stat()
    /** Entry -1 is the header. */
    const read = async (first: number, entries: number): Promise<Uint32Array> => {
      const words = new Uint32Array(entries * ENTRY_WORDS)
      await handle.read(new Uint8Array(words.buffer), 0, entries * ENTRY_BYTES, (first + 1) * ENTRY_BYTES)
      return words
    }
    const [magic, count = 0] = await read(-1, 1)
    if (magic !== MAGIC || size !== (count + 1) * ENTRY_BYTES) return undefined
    // Halving narrows it down to what one read takes.
    let low = 0
    let high = count
    while (high - low > 256) {
      const guess = (low + high) >>> 1
      const [upper] = await read(guess, 1)
      if ((upper as number) < fingerprint.high) low = guess + 1
      else high = guess
    }
    const found: Cursor[] = []
    for (let first = low; first < count;) {
      const entries = Math.min(512, count - first)
      const words = await read(first, entries)
      for (let at = 0; at < words.length; at += ENTRY_WORDS) {
        const upper = words[at] as number
        if (upper > fingerprint.high) return found
        if (upper === fingerprint.high && words[at + 1] === fingerprint.low) {
          found.push({
            block: (words[at + 2] as number) + (words[at + 3] as number) * 0x1_0000_0000,
            index: words[at + 4] as number,
          })
        }
      }
      first += entries
    }
    return found
  } finally {
    await handle.close()
  }
}

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength)

const pad = (offset: Offset): string => String(offset).padStart(16, '0')
