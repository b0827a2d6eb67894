import type { LedgerProblem, SourceLedger } from '@millrace/protocol'
import { Block, decodeResolution, resolveState } from '@millrace/storage'
import type { LogReader, Offset, ResolutionRecord, StateReader } from '@millrace/storage'
import { logBlocks } from './log-blocks.ts'
import { CHECKPOINTS } from './resolver.ts'
import { addTo, countBlock, decodeCounts, sourceCounters } from './source-counts.ts'
import type { Counts } from './source-counts.ts'

/** The account of each source, from the counters up to the resolve cursor and a scan from there to the head. */
export const sourceLedgers = async (log: LogReader, state: StateReader): Promise<SourceLedger[]> => {
  const cursor = (await state.cursor(resolveState.consumer))?.block ?? 0
  const counts = new Map(await state.counters(''))
  const unresolved: Counts = new Map()
  for await (const { bytes } of logBlocks(log, Math.max(cursor, await log.tail()), await log.head())) {
    countBlock(unresolved, new Block(bytes), [])
  }
  return toLedgers(counts, unresolved)
}

/**
 * Recounts every term from the log and the records. What retention removed is taken from the checkpoint before the first
 * kept block. Returns what does not agree.
 */
export const verifySourceLedgers = async (
  log: LogReader,
  state: StateReader,
  onProgress: (done: Offset, total: Offset) => void,
  signal: AbortSignal,
): Promise<{ problems: LedgerProblem[]; messagesRead: number }> => {
  const cursor = (await state.cursor(resolveState.consumer))?.block ?? 0
  const tail = await log.tail()
  const base = tail === 0 ? undefined : (await state.scan(CHECKPOINTS, { from: [tail], limit: 1 }))[0]
  const problems: LedgerProblem[] = []
  if (tail > 0 && base === undefined) return { problems, messagesRead: 0 } // Nothing whole is kept to recount.
  const counts: Counts = base === undefined ? new Map() : decodeCounts(base.value)
  const from = (base?.key[0] as number | undefined) ?? 0
  let messagesRead = 0
  let records = new Map<Offset, ResolutionRecord>()
  let recordsTo = from
  for await (const { offset, bytes } of logBlocks(log, from, cursor)) {
    signal.throwIfAborted()
    const block = new Block(bytes)
    if (offset >= recordsTo) ({ records, to: recordsTo } = await readRecords(state, offset, cursor))
    const record = records.get(offset)
    if (record === undefined) {
      problems.push({ where: `block ${offset}`, message: 'is before the resolve cursor and has no resolution record' })
    } else {
      const duplicates = record.duplicates ?? []
      countBlock(counts, block, duplicates)
      const counted = block.messageCount - duplicates.length
      if (counted !== record.resolved) {
        const message = 'its resolution record says another number of resolved messages than its rows'
        problems.push({ where: `block ${offset}`, message, counted, recorded: record.resolved })
      }
    }
    messagesRead += block.messageCount
    onProgress(offset - from, cursor - from)
  }
  const recorded = await state.counters('')
  for (const name of new Set([...counts.keys(), ...recorded.keys()])) {
    const [counted, stored] = [counts.get(name) ?? 0, recorded.get(name) ?? 0]
    if (counted !== stored) {
      problems.push({ where: name, message: 'the log and the counter differ', counted, recorded: stored })
    }
  }
  return { problems, messagesRead }
}

const readRecords = async (
  state: StateReader,
  from: Offset,
  to: Offset,
): Promise<{ records: Map<Offset, ResolutionRecord>; to: Offset }> => {
  const limit = 4096
  const entries = await state.scan(resolveState.resolutions, { from: [from], to: [to], limit })
  const records = new Map(entries.map(({ key, value }) => [key[0] as number, decodeResolution(value)]))
  const last = entries.at(-1)?.key[0] as number | undefined
  return { records, to: entries.length < limit || last === undefined ? to : last + 1 }
}

const toLedgers = (counts: ReadonlyMap<string, number>, unresolved: Counts): SourceLedger[] => {
  const ledgers = new Map<string, SourceLedger>()
  const of = (source: string): SourceLedger => {
    let ledger = ledgers.get(source)
    if (ledger === undefined) {
      ledger = { source, accepted: 0, duplicate: 0, dropped: {}, resolved: 0, unresolved: 0, rejected: {} }
      ledgers.set(source, ledger)
    }
    return ledger
  }
  const all: Counts = new Map(counts)
  for (const [name, count] of unresolved) {
    // What lies behind the cursor is accepted, but nothing else can be said of it yet.
    if (name.startsWith(sourceCounters.accepted)) of(name.slice(sourceCounters.accepted.length)).unresolved = count
    if (name.startsWith(sourceCounters.accepted) || name.startsWith(sourceCounters.rejected)) addTo(all, name, count)
  }
  for (const [name, count] of all) {
    const [kind = '', source = '', code = ''] = splitName(name)
    if (kind === 'accepted') of(source).accepted = count
    else if (kind === 'duplicate') of(source).duplicate = count
    else if (kind === 'resolved') of(source).resolved = count
    else if (kind === 'rejected') of(source).rejected[code] = count
  }
  return [...ledgers.values()].sort((a, b) => (a.source < b.source ? -1 : 1))
}

/** Source ids have no slash. */
const splitName = (name: string): string[] => name.split('/')
