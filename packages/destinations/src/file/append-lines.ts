import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Appends lines to a file of JSON lines, so that after a crash at any point it again holds whole lines only:
 * - before each append a torn last line (of a crash, or a full disk) is removed; it was never acknowledged, so it comes
 *   again. A last line that is whole and only lacks its newline is kept and ended.
 * - an append that fails is taken back as far as possible; what could not be is removed by the next one.
 */

/** One append at a time to a file, whoever asks. */
const queues = new Map<string, Promise<void>>()

/**
 * Resolves once `text` (whole lines, ended by a newline) is on disk. Rejects with the error of the file system, or when the
 * file does not look like lines of JSON.
 */
export async function appendLines(file: string, text: string): Promise<void> {
  const before = queues.get(file) ?? Promise.resolve()
  const append = before.then(() => appendNow(file, text))
  const settled = append.catch(() => {})
  queues.set(file, settled)
  try {
    await append
  } finally {
    if (queues.get(file) === settled) queues.delete(file)
  }
}

async function appendNow(file: string, text: string): Promise<void> {
  // Reading and writing, created when missing; "a+" makes the system write at the end, whoever else appends.
  await using handle = await open(file, 'a+', 0o640)
  const size = await repairTail(handle)
  try {
    await handle.appendFile(text)
    await handle.datasync()
  } catch (error) {
    await handle.truncate(size).catch(() => {})
    throw error
  }
  // A new file is durable only when its name is.
  if (size === 0) await syncDirectory(dirname(file))
}

/** A line of one message; a file without a newline for longer than that is something else, and is left alone. */
const maxLineBytes = 4 * 1024 * 1024

/** Makes the file end with a whole line, and returns its size then. */
async function repairTail(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat()
  if (size === 0) return 0
  const length = Math.min(size, 1)
  const last = await readAt(handle, size - length, length)
  if (last[0] === newline) return size
  const start = Math.max(0, size - maxLineBytes)
  const tail = await readAt(handle, start, size - start)
  const end = tail.lastIndexOf(newline) + 1
  const torn = tail.subarray(end).toString()
  if (isWhole(torn)) {
    await handle.appendFile('\n')
    return size + 1
  }
  if (end === 0 && (start > 0 || !/^[[{"\d\-tfn]/.test(torn))) {
    throw new Error('The file does not hold lines of JSON, so it is left alone; choose another path.')
  }
  await handle.truncate(start + end)
  return start + end
}

const newline = 0x0a

/** Only objects and lists: a number that was cut off is a number too. */
function isWhole(line: string): boolean {
  if (!line.startsWith('{') && !line.startsWith('[')) return false
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r')
  await handle.sync()
}
