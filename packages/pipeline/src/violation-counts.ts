import type { Violation, ViolationCount } from '@millrace/protocol'
import { rowFlags } from '@millrace/storage'
import type { Block, StateReader, StateTransaction } from '@millrace/storage'

/**
 * How often the messages of each source differ from the dictionary: an entry for each source, standard event, property and
 * kind. Names come from the dictionary, never from clients, so their number is bounded. Copies that deduplication takes out
 * do not count. Written in the transaction that moves the cursor: an entry counts exactly what lies before it.
 */
export const VIOLATIONS = 'violations'

/** What some blocks add, by key of the entry. */
export type ViolationCounts = Map<string, ViolationCount>

/** Adds the violations of a block, given which of its rows are duplicates. */
export const countViolations = (counts: ViolationCounts, block: Block, duplicates: readonly number[]): void => {
  for (let index = 0; index < block.rowCount; index++) {
    if (!block.isMessage(index) || (block.flags(index) & rowFlags.violations) === 0) continue
    if (duplicates.includes(index)) continue
    const { messageId, violations = [] } = block.envelope(index)
    const [source, event] = [block.source(index), block.standardEvent(index) ?? '']
    const at = new Date(block.receivedAtMs(index)).toISOString()
    for (const { property, kind, reason } of byProperty(violations)) {
      const key = [source, event, property, kind].join('\n')
      const { messages, firstAt } = counts.get(key) ?? { messages: 0, firstAt: at }
      const last = { at, messageId, reason }
      counts.set(key, { source, event, property, kind, messages: messages + 1, firstAt, last })
    }
  }
}

/** `properties.products[3].price` is the property `products[].price`. A message counts once for each property and kind. */
const byProperty = (violations: readonly Violation[]): Iterable<Violation & { property: string }> => {
  const found = new Map<string, Violation & { property: string }>()
  for (const violation of violations) {
    const property = violation.path.replace(/^properties\./, '').replaceAll(/\[\d+\]/g, '[]')
    const key = `${property}\n${violation.kind}`
    if (!found.has(key)) found.set(key, { ...violation, property })
  }
  return found.values()
}

/** What the entries will be once `counts` are added; read before the transaction, which cannot read. */
export const addedViolations = async (state: StateReader, counts: ViolationCounts): Promise<ViolationCount[]> => {
  const sums: ViolationCount[] = []
  for (const count of counts.values()) {
    const stored = await state.get(VIOLATIONS, keyPartsOf(count))
    const before = stored && decode(stored)
    sums.push(before ? { ...count, messages: before.messages + count.messages, firstAt: before.firstAt } : count)
  }
  return sums
}

export const putViolations = (tx: StateTransaction, counts: readonly ViolationCount[]): void => {
  for (const count of counts) tx.put(VIOLATIONS, keyPartsOf(count), Buffer.from(JSON.stringify(count)))
}

/** The entries, the most frequent first. */
export const readViolations = async (state: StateReader, source?: string): Promise<ViolationCount[]> => {
  const options = { limit: maxEntries, ...(source !== undefined && { prefix: [source] }) }
  const entries = await state.scan(VIOLATIONS, options)
  return entries.map(({ value }) => decode(value)).sort((a, b) => b.messages - a.messages)
}

/** More than all properties of the dictionary for a hundred sources. */
const maxEntries = 100_000

const keyPartsOf = ({ source, event, property, kind }: ViolationCount): string[] => [source, event, property, kind]
const decode = (bytes: Uint8Array): ViolationCount => JSON.parse(Buffer.from(bytes).toString()) as ViolationCount
