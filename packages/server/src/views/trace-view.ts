import { letterKey, readCopy, ResolvedFeed, traceDeliveries, traceReplays } from '@millrace/delivery'
import type { MessageFinder } from '@millrace/pipeline'
import type { JsonObject, MessageTrace, MessageType, TraceAnswer, TraceStage } from '@millrace/protocol'
import { Block, decodeResolution, resolveState } from '@millrace/storage'
import type { Cursor, StateReader } from '@millrace/storage'
import { toLetterId, toPosition } from './positions.ts'
import type { Stores } from './stores.ts'

/** Every stage that each copy of a message passed. */
export const traceMessage = async (stores: Stores, finder: MessageFinder, messageId: string): Promise<TraceAnswer> => {
  const positions = await finder.find(messageId)
  const traces = await stores.together(async (delivery, resolve) => {
    const feed = new ResolvedFeed({ log: stores.log, resolveState: resolve })
    const list: MessageTrace[] = []
    for (const position of positions) {
      const [stored] = await stores.log.read(position.block, 1)
      if (stored?.offset !== position.block) continue
      list.push(await traceCopy(new Block(stored.bytes), position, delivery, resolve, feed))
    }
    feed.close()
    return list
  })
  return { messageId, traces }
}

const traceCopy = async (
  block: Block,
  position: Cursor,
  delivery: StateReader,
  resolve: StateReader,
  feed: ResolvedFeed,
): Promise<MessageTrace> => {
  const { index } = position
  const receivedAt = new Date(block.receivedAtMs(index)).toISOString()
  const event = block.event(index)
  const { messageId, flags, violations } = block.envelope(index)
  const [standardEvent, category] = [block.standardEvent(index), block.eventCategory(index)]
  const detail: JsonObject = {
    ...(flags !== undefined && { flags: [...flags] }),
    ...(standardEvent !== undefined && { standardEvent }),
    ...(category !== undefined && { category }),
    ...(violations !== undefined && { violations: violations.map((violation) => ({ ...violation })) }),
  }
  const accepted: TraceStage = {
    stage: 'ingestion',
    at: receivedAt,
    outcome: 'accepted',
    ...(Object.keys(detail).length > 0 && { detail }),
  }
  const stored = await resolve.get(resolveState.resolutions, [position.block])
  const record = stored && decodeResolution(stored)
  const stages = [accepted, resolveStage(record, index)]
  if (record !== undefined) {
    const deliveries = await traceDeliveries(delivery, feed, position)
    stages.push(...(await Promise.all(deliveries.map((stage) => withExchange(stage, delivery, position)))))
    stages.push(...(await traceReplays(delivery, feed, position)))
  }
  return {
    messageId,
    position: toPosition(position),
    source: block.source(index),
    type: block.type(index) as MessageType,
    ...(event !== undefined && { event }),
    receivedAt,
    message: block.message(index),
    stages,
  }
}

/** How much of an answer's body a trace shows; the dead letter has more. */
const SHOWN_CHARACTERS = 200

/** A dead delivery says which letter has all of it, what was sent where, and what came back. */
const withExchange = async (stage: TraceStage, delivery: StateReader, position: Cursor): Promise<TraceStage> => {
  const { outcome, destination, action, detail } = stage
  if (outcome !== 'dead' || destination === undefined || action === undefined || detail === undefined) return stage
  const copy = await readCopy(delivery, letterKey(destination, position, action))
  const letter: JsonObject = { ...detail, letter: toLetterId(position, action) }
  if (copy?.request !== undefined) letter['request'] = `${copy.request.method} ${copy.request.url}`
  if (copy?.response !== undefined) {
    const { response } = copy
    letter['response'] =
      'status' in response
        ? `${response.status} ${response.body.text.slice(0, SHOWN_CHARACTERS).toWellFormed()}`.trimEnd()
        : `${response.failure}: ${response.message}`
  }
  return { ...stage, detail: letter }
}

const resolveStage = (
  record: { workspaceVersion: number; duplicates?: readonly number[] } | undefined,
  index: number,
): TraceStage => {
  if (record === undefined) return { stage: 'resolve', outcome: 'pending' }
  const outcome = record.duplicates?.includes(index) === true ? 'duplicate' : 'resolved'
  return { stage: 'resolve', outcome, detail: { workspaceVersion: record.workspaceVersion } }
}
