import type { KeptText } from '@millrace/protocol'

/** How much of what stands before the place of interest is kept, when the start has to go. */
const CONTEXT_BYTES = 256

/**
 * Cuts a text to a size.
 * @param maxBytes Of UTF-8; a character that would be cut in two is left out.
 * @param about Text that should be in what is kept, if it is there at all: the start is given up for it.
 */
export const keepText = (whole: string, maxBytes: number, about: readonly string[] = []): KeptText => {
  const bytes = Buffer.from(whole)
  if (bytes.length <= maxBytes) return { text: whole, bytes: bytes.length }
  const found = about.map((text) => bytes.indexOf(text)).filter((at) => at >= 0)
  const place = found.length === 0 ? 0 : Math.min(...found)
  const isInside = place + CONTEXT_BYTES <= maxBytes
  const from = isInside ? 0 : startOfCharacter(bytes, Math.min(place - CONTEXT_BYTES, bytes.length - maxBytes))
  const to = startOfCharacter(bytes, from + maxBytes)
  return {
    text: bytes.subarray(from, to).toString(),
    bytes: bytes.length,
    ...(from > 0 && { fromByte: from }),
    cut: true,
  }
}

/** The start of the character that holds this byte. */
const startOfCharacter = (bytes: Buffer, at: number): number => {
  let start = Math.max(0, at)
  while (start > 0 && start < bytes.length && ((bytes[start] as number) & 0b1100_0000) === 0b1000_0000) start--
  return start
}
