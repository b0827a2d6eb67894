import { crc32 } from 'node:zlib'

/**
 * How the file engine stores a block:
 *
 *   segment = frame*                                   file <offset of the first frame, 16 digits>.log
 *   frame   = magic:u32 bytes:u32 crc32:u32 zero:u32 block
 *
 * Little endian; `crc32` covers magic, length and block, so that no frame is valid that is zeros after its magic (a header
 * across two pages of which the second was never written would be an empty block). The offset of a block is the position
 * of its frame, counted over all segments that ever were, so segments are contiguous: one ends where the next begins.
 */
export const FRAME_HEADER_BYTES = 16
const MAGIC = 0x4c52494d // "MIRL"

export const frameHeader = (block: Uint8Array): Buffer => {
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header.writeUInt32LE(MAGIC, 0)
  header.writeUInt32LE(block.length, 4)
  header.writeUInt32LE(checksum(header, 0, block), 8)
  return header
}

/**
 * The block in the frame at `at`; `needed` when `buffer` ends before the frame does (so many bytes from `at` would be
 * enough, or bring more to light), 'damaged' when these bytes are no frame.
 */
export const readFrame = (buffer: Buffer, at: number): { block: Buffer } | { needed: number } | 'damaged' => {
  if (buffer.length - at < FRAME_HEADER_BYTES) return { needed: FRAME_HEADER_BYTES }
  if (buffer.readUInt32LE(at) !== MAGIC || buffer.readUInt32LE(at + 12) !== 0) return 'damaged'
  const bytes = buffer.readUInt32LE(at + 4)
  const needed = FRAME_HEADER_BYTES + bytes
  if (buffer.length - at < needed) return { needed }
  const block = buffer.subarray(at + FRAME_HEADER_BYTES, at + needed)
  return checksum(buffer, at, block) === buffer.readUInt32LE(at + 8) ? { block } : 'damaged'
}

const checksum = (buffer: Buffer, at: number, block: Uint8Array): number =>
  crc32(block, crc32(buffer.subarray(at, at + 8)))
