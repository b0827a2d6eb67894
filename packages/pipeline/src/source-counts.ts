import type { Block } from '@millrace/storage'

/**
 * Counters of the resolve stage, by name in its state store. Added to in the transaction that moves the cursor, so they
 * count exactly what lies before it.
 *
 *   accepted/<source>   duplicate/<source>   resolved/<source>   rejected/<source>/<code>
 */
export const sourceCounters = {
  accepted: 'accepted/',
  duplicate: 'duplicate/',
  resolved: 'resolved/',
  rejected: 'rejected/',
} as const

export type Counts = Map<string, number>

/** Counts as they are stored in a checkpoint. */
export const encodeCounts = (counts: Counts): Buffer => Buffer.from(JSON.stringify(Object.fromEntries(counts)))
export const decodeCounts = (bytes: Uint8Array): Counts =>
  new Map(Object.entries(JSON.parse(Buffer.from(bytes).toString()) as Record<string, number>))

export const addTo = (counts: Counts, name: string, delta: number): void => {
  if (delta !== 0) counts.set(name, (counts.get(name) ?? 0) + delta)
}

/** Adds what a block holds, or its first `rows` rows, given which of them are duplicates. */
export const countBlock = (
  counts: Counts,
  block: Block,
  duplicates: readonly number[],
  rows: number = block.rowCount,
): void => {
  const { sources } = block.dictionary
  const accepted = new Uint32Array(sources.length)
  const duplicate = new Uint32Array(sources.length)
  for (let index = 0; index < rows; index++) {
    if (block.isMessage(index)) {
      const source = block.sourceIndex(index)
      accepted[source] = (accepted[source] as number) + 1
    } else {
      const { code, count } = block.rejection(index)
      addTo(counts, `${sourceCounters.rejected}${block.source(index)}/${code}`, count)
    }
  }
  for (const index of duplicates) {
    if (index >= rows) break
    const source = block.sourceIndex(index)
    duplicate[source] = (duplicate[source] as number) + 1
  }
  for (const [at, source] of sources.entries()) {
    const all = accepted[at] as number
    const copies = duplicate[at] as number
    addTo(counts, sourceCounters.accepted + source, all)
    addTo(counts, sourceCounters.duplicate + source, copies)
    addTo(counts, sourceCounters.resolved + source, all - copies)
  }
}
