import { isDeepStrictEqual } from 'node:util'
import type { AnyDestination } from '@millrace/component-kit'
import type { Message, Preview, ShadowReport, ShadowSample } from '@millrace/protocol'
import { compileActions } from '../destination-config.ts'
import type { DestinationConfig } from '../destination-config.ts'
import { previewDelivery } from './preview-delivery.ts'

export interface ShadowOptions {
  /** What runs today. */
  current: DestinationConfig
  /** What would run. */
  proposed: DestinationConfig
  destination: AnyDestination
  messages: AsyncIterable<{ source: string; message: Message }>
  /** How many samples of each kind of difference are kept. */
  maxSamples: number
  now: () => number
  signal: AbortSignal
}

/** Other work of the process gets its turn after so many messages. */
const MESSAGES_PER_TURN = 50

/** Renders stored messages with both configurations and counts what would be different. Nothing is sent. */
export const shadowCompare = async (options: ShadowOptions): Promise<ShadowReport> => {
  const { current, proposed, destination, messages, maxSamples, now, signal } = options
  const actionsNow = compileActions(current, destination)
  const actionsThen = compileActions(proposed, destination)
  const report: ShadowReport = {
    messages: 0,
    unchanged: 0,
    changed: 0,
    newlyMatched: 0,
    newlyFiltered: 0,
    newlyFailing: 0,
    repaired: 0,
    samples: [],
  }
  for await (const { source, message } of messages) {
    signal.throwIfAborted()
    // One moment for both, or a time in a request would be a difference.
    const at = now()
    const shared = { destination, message, source, now: () => at }
    const before = await previewDelivery({ ...shared, config: current, actions: actionsNow })
    const after = await previewDelivery({ ...shared, config: proposed, actions: actionsThen })
    const kind = differenceOf(before, after)
    report.messages++
    report[kind]++
    if (kind !== 'unchanged' && report.samples.filter((sample) => sample.kind === kind).length < maxSamples) {
      report.samples.push({ kind, messageId: message.messageId, before, after })
    }
    if (report.messages % MESSAGES_PER_TURN === 0) await new Promise(setImmediate)
  }
  return report
}

const differenceOf = (before: Preview, after: Preview): ShadowSample['kind'] | 'unchanged' => {
  if (after.outcome === 'invalid' && before.outcome !== 'invalid') return 'newlyFailing'
  if (before.outcome === 'invalid' && after.outcome !== 'invalid') return 'repaired'
  if (before.outcome === 'filtered' && after.outcome === 'matched') return 'newlyMatched'
  if (before.outcome === 'matched' && after.outcome === 'filtered') return 'newlyFiltered'
  return isDeepStrictEqual(effectOf(before), effectOf(after)) ? 'unchanged' : 'changed'
}

/** What a preview would do outside: names of mappings and texts of triggers may differ without any effect. */
const effectOf = ({ actions }: Preview): unknown =>
  actions
    .filter(({ matched }) => matched)
    .map(({ action, fields, requests, problems }) => ({ action, fields, requests, problems }))
