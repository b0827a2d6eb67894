import {
  ResolvedFeed,
  destinationLedgers,
  knownDestinations,
  readReplays,
  storedReplays,
  verifyDestination,
  verifyEquation,
  verifyReplay,
} from '@millrace/delivery'
import { resolvedBefore, sourceLedgers, verifySourceLedgers } from '@millrace/pipeline'
import type { Ledger, LedgerProblem, LedgerVerification, SourceLedger } from '@millrace/protocol'
import { resolveState, startOfLog } from '@millrace/storage'
import type { StateReader } from '@millrace/storage'
import type { Stores } from './stores.ts'

/** The account of every source and destination. */
export const readLedger = (stores: Stores, inFlight: ReadonlyMap<string, number>): Promise<Ledger> =>
  stores.together((delivery, resolve) => ledgerOf(stores, delivery, resolve, inFlight))

const ledgerOf = async (
  { log }: Stores,
  delivery: StateReader,
  resolve: StateReader,
  inFlight: ReadonlyMap<string, number>,
): Promise<Ledger> => {
  const cursor = (await resolve.cursor(resolveState.consumer)) ?? startOfLog
  const replays = await readReplays(delivery)
  return {
    at: new Date().toISOString(),
    sources: await sourceLedgers(log, resolve),
    destinations: await destinationLedgers(delivery, cursor, (place) => resolvedBefore(log, resolve, place), inFlight),
    ...(replays.length > 0 && { replays }),
  }
}

/** Recounts every term from log, records and rows, and checks both equations. */
export const verifyLedger = (
  stores: Stores,
  inFlight: ReadonlyMap<string, number>,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<LedgerVerification> =>
  stores.together(async (delivery, resolve) => {
    const { log } = stores
    const ledger = await ledgerOf(stores, delivery, resolve, inFlight)
    const known = await knownDestinations(delivery)
    const perPass = ledger.sources.reduce((sum, { accepted }) => sum + accepted, 0)
    const total = perPass * (known.length + 1)
    let done = 0
    const sources = await verifySourceLedgers(log, resolve, () => {}, signal)
    done += perPass
    onProgress(done, total)
    const problems: LedgerProblem[] = [...sources.problems, ...verifySourceEquation(ledger.sources)]
    const tail = await log.tail()
    const feed = new ResolvedFeed({ log, resolveState: resolve })
    for (const destination of known) {
      const found = await verifyDestination(
        destination,
        delivery,
        feed,
        tail,
        (messages) => onProgress(Math.min(total, (done += messages)), total),
        signal,
      )
      problems.push(...found)
    }
    for (const replay of await storedReplays(delivery)) {
      problems.push(...(await verifyReplay(replay, delivery, feed, tail, signal)))
    }
    feed.close()
    problems.push(...verifyEquation(ledger.destinations))
    onProgress(total, total)
    return { balanced: problems.length === 0, messagesRead: sources.messagesRead, ledger, problems }
  })

const verifySourceEquation = (sources: readonly SourceLedger[]): LedgerProblem[] =>
  sources.flatMap(({ source, accepted, duplicate, dropped, resolved, unresolved }) => {
    const counted = duplicate + resolved + unresolved + Object.values(dropped).reduce((sum, count) => sum + count, 0)
    if (counted === accepted) return []
    const message = 'accepted is not duplicate + dropped + resolved + unresolved'
    return [{ where: `source ${source}`, message, counted, recorded: accepted }]
  })
