import { ApiError } from '@millrace/api-client'
import type { ApiClient } from '@millrace/api-client'
import type { MessageTrace } from '@millrace/protocol'
import type { CliContext } from '../context.ts'
import { CommandFailure } from '../failure.ts'
import { readLines } from '../read-lines.ts'
import { eventOf, storedExample } from './comparison.ts'
import type { Comparison } from './comparison.ts'
import { differencesOf } from './differences.ts'
import { readExported } from './exported-message.ts'
import type { ExportedMessage } from './exported-message.ts'
import type { IdSet } from './id-set.ts'
import type { KnownMessages } from './known-messages.ts'

export interface FileComparison {
  context: CliContext
  client: ApiClient
  file: string
  /** Copies that came from other sources do not count. */
  source: string | undefined
  timestampToleranceMs: number
  comparison: Comparison
  /** Spares look-ups. */
  known: KnownMessages | undefined
  /** Takes the ids of the file, for the other direction. */
  ids: IdSet | undefined
  onProgress(compared: number): void
}

const lookupsAtOnce = 8
/** Between two words about the progress. */
const knownAtOnce = 1000

/**
 * Looks each message of the file up in Millrace, a few at a time and in the order of the file, unless it is known to be the same, and gives how many there were.
 * The file is never held as a whole. Throws `CommandFailure` for a line that cannot be read, `ApiError` when the server fails.
 */
export async function compareFile(options: FileComparison): Promise<number> {
  const { context, file, ids, known, comparison, timestampToleranceMs } = options
  let count = 0
  let number = 0
  let group: ExportedMessage[] = []
  const flush = async () => {
    const traces = await Promise.all(group.map(({ messageId }) => tracesOf(options.client, messageId)))
    for (const [index, exported] of group.entries()) judge(options, exported, traces[index] ?? [])
    count += group.length
    group = []
    options.onProgress(count)
    context.signal.throwIfAborted()
  }
  for await (const text of readLines(context, file)) {
    number += 1
    const exported = readExported(text, number, file)
    if (exported === undefined) continue
    if (ids?.add(exported.messageId) === false) throw tooMany(file, number)
    const settled = known === undefined ? undefined : settle(known, exported, timestampToleranceMs)
    if (settled === undefined) {
      if (group.push(exported) === lookupsAtOnce) await flush()
    } else {
      comparison.add(settled.event, settled.verdict)
      count += 1
      if (count % knownAtOnce === 0) options.onProgress(count)
    }
  }
  await flush()
  return count
}

const isIdOnly = ({ fields, isComplete }: ExportedMessage): boolean => !isComplete && Object.keys(fields).length === 0

/** What needs no look-up: an id that is there, and a message that is the same. */
function settle(
  known: KnownMessages,
  exported: ExportedMessage,
  timestampToleranceMs: number,
): { event: string; verdict: 'found' | 'equal' } | undefined {
  const event = known.eventOf(exported.messageId)
  if (event === undefined) return undefined
  if (isIdOnly(exported)) return { event, verdict: 'found' }
  return known.isSame(exported, timestampToleranceMs) ? { event, verdict: 'equal' } : undefined
}

function judge(
  { comparison, source, timestampToleranceMs }: FileComparison,
  exported: ExportedMessage,
  all: readonly MessageTrace[],
): void {
  const { messageId } = exported
  // The first copy is the one that counts; the later ones are duplicates of it.
  const stored = all.find((copy) => source === undefined || copy.source === source)?.message
  if (stored === undefined) {
    comparison.add(eventOf(exported.fields), 'missingHere', () => {
      const otherSources = [...new Set(all.map((copy) => copy.source))]
      const hasName = exported.fields['type'] !== undefined || exported.fields['event'] !== undefined
      return {
        messageId,
        ...(hasName && { what: eventOf(exported.fields) }),
        ...(otherSources.length > 0 && { otherSources }),
      }
    })
    return
  }
  const event = eventOf(stored)
  if (isIdOnly(exported)) {
    comparison.add(event, 'found')
    return
  }
  const differences = differencesOf(exported, stored, timestampToleranceMs)
  if (differences.length === 0) comparison.add(event, 'equal')
  else comparison.add(event, 'differs', () => ({ ...storedExample(stored), differences }))
}

async function tracesOf(client: ApiClient, messageId: string): Promise<readonly MessageTrace[]> {
  try {
    return (await client.message(messageId)).traces
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return []
    throw error
  }
}

const tooMany = (file: string, number: number): CommandFailure =>
  new CommandFailure(
    `${file} has more ids than are held for --from and --to (${(number - 1).toLocaleString('en')}). Cut it into days, each with its own --from and --to.`,
  )
