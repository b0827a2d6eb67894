import type { ActiveVersion, WorkspaceRegistry } from '@millrace/control'
import {
  Matcher,
  ResolvedFeed,
  compileActions,
  estimateReplay,
  failedRowsOf,
  knownDestinations,
  previewDelivery,
  readReplayFailures,
  readReplays,
  replayConcurrency,
} from '@millrace/delivery'
import type { DestinationConfig, ReplayActivity, ReplayOrder } from '@millrace/delivery'
import { cursorSince } from '@millrace/pipeline'
import { MillraceError } from '@millrace/protocol'
import type { Preview, ReplayAnswer, ReplayEstimate, ReplayRequest, ReplayStatus } from '@millrace/protocol'
import { compareCursors, resolveState } from '@millrace/storage'
import type { Cursor } from '@millrace/storage'
import { destinationOf } from './preview-view.ts'
import type { Stores } from './stores.ts'

/** Ingest processes stamp messages on their own, so neighbouring blocks of the log may disagree by so much. */
const DISORDER_MS = 60_000
/** How long counting may take; what is not read by then is taken to be like what is. */
const ESTIMATE_MS = 1_500
const SAMPLES = 5
/** What a request takes at a destination that has not been sent to since the start. */
const ASSUMED_REQUEST_MS = 100

/**
 * What a replay would do: which part of the log it reads, how many messages of it are for the destination today, and some of
 * them as they would be sent. It ends where the destination itself stands: what comes after is still to be delivered by it.
 * @param requestMs What a request took lately, on average.
 */
export const planReplay = async (
  stores: Stores,
  inForce: { active: ActiveVersion; registry: WorkspaceRegistry },
  request: ReplayRequest,
  requestMs: number | undefined,
): Promise<{ order: ReplayOrder; samples: Preview[] }> => {
  const { destination, config } = destinationOf(inForce, request.destination)
  const { destination: id, from: fromTime, to: toTime, messagesPerSecond, newKeys, ...filter } = request
  const [fromMs, toMs] = [Date.parse(fromTime), Date.parse(toTime)]
  const actions = compileActions(config, destination)
  const { counted, from, end } = await stores.together(async (delivery, resolve) => {
    const known = (await knownDestinations(delivery)).find((each) => each.id === id)
    if (known === undefined)
      throw new MillraceError('unavailable', `destination "${id}" is just being started; try again`)
    const since = (ms: number): Promise<number> => cursorSince(stores.log, resolve, ms)
    const from: Cursor = { block: await since(fromMs - DISORDER_MS), index: 0 }
    const last: Cursor = { block: await since(toMs + DISORDER_MS), index: 0 }
    const end = least(last, known.cursor)
    const feed = new ResolvedFeed({ log: stores.log, resolveState: resolve, readBytes: 1024 * 1024, cacheBytes: 0 })
    const counted = await estimateReplay({
      feed,
      blockAt: async (place) => ((await resolve.floor(resolveState.resolutions, [place]))?.key[0] as number) ?? place,
      from,
      selection: { ...filter, fromMs, toMs, end },
      failedRows: failedRowsOf(delivery, id),
      matcher: new Matcher(config, actions),
      samples: SAMPLES,
      budgetMs: ESTIMATE_MS,
      clock: Date,
    })
    feed.close()
    return { counted, from, end: compareCursors(end, from) < 0 ? from : end }
  })
  const { samples, ...counts } = counted
  const speed = speedOf(config, actions, requestMs, messagesPerSecond, destination.rateLimit)
  const estimate: ReplayEstimate = {
    ...counts,
    messagesPerSecond: speed,
    durationMs: Math.ceil((counts.matching / speed) * 1000),
  }
  const previews: Preview[] = []
  for (const { source, message } of samples) {
    previews.push(await previewDelivery({ config, destination, actions, message, source, now: Date.now }))
  }
  const order: ReplayOrder = {
    destination: id,
    fromTime,
    toTime,
    from,
    end,
    filter,
    ...(messagesPerSecond !== undefined && { messagesPerSecond }),
    ...(newKeys && { newKeys }),
    estimate,
  }
  return { order, samples: previews }
}

const least = (a: Cursor, b: Cursor): Cursor => (compareCursors(a, b) < 0 ? a : b)

/** The slowest of what bounds it: the rates, and how fast the destination answers. */
const speedOf = (
  config: DestinationConfig,
  actions: readonly { maxMessages: number }[],
  requestMs: number | undefined,
  messagesPerSecond: number | undefined,
  declared: { requestsPerSecond?: number; messagesPerSecond?: number } | undefined,
): number => {
  const perRequest = Math.max(1, ...actions.map(({ maxMessages }) => maxMessages))
  const requests = (replayConcurrency(config) * 1000) / Math.max(1, requestMs ?? ASSUMED_REQUEST_MS)
  const { delivery } = config
  const limits = [
    requests * perRequest,
    (delivery.requestsPerSecond ?? declared?.requestsPerSecond ?? 0) * perRequest,
    delivery.messagesPerSecond ?? declared?.messagesPerSecond ?? 0,
    messagesPerSecond ?? 0,
  ].filter((limit) => limit > 0)
  return Math.round(Math.min(...limits) * 100) / 100
}

/** All replays, the newest first. */
export const listReplays = async (
  stores: Stores,
  activities: ReadonlyMap<string, Pick<ReplayActivity, 'waitsFor'>>,
): Promise<ReplayStatus[]> => {
  const statuses = await stores.together((delivery) => readReplays(delivery))
  return statuses.toReversed().map((status) => {
    const waitsFor = status.state === 'running' ? activities.get(status.id)?.waitsFor : undefined
    return { ...status, ...(waitsFor !== undefined && { waitsFor }) }
  })
}

/** One replay with what failed. */
export const showReplay = async (
  stores: Stores,
  activities: ReadonlyMap<string, Pick<ReplayActivity, 'waitsFor'>>,
  id: string,
): Promise<ReplayAnswer> => {
  const status = (await listReplays(stores, activities)).find((each) => each.id === id)
  if (status === undefined)
    throw new MillraceError('not_found', `there is no replay "${id}"; see: millrace replay list`)
  return { ...status, failures: await stores.together((delivery) => readReplayFailures(delivery, id)) }
}
