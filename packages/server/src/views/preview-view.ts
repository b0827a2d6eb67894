import type { AnyDestination } from '@millrace/component-kit'
import type { ActiveVersion, PreviewRequest, ShadowRequest, WorkspaceRegistry } from '@millrace/control'
import { compileActions, previewDelivery, shadowCompare } from '@millrace/delivery'
import type { DestinationConfig } from '@millrace/delivery'
import { MillraceError } from '@millrace/protocol'
import type { Message, Preview, ShadowReport } from '@millrace/protocol'
import { destinationConfig } from '../plans.ts'
import type { Stores } from './stores.ts'
import { readTail } from './tail-view.ts'

interface InForce {
  active: ActiveVersion
  registry: WorkspaceRegistry
}

/** What a destination would do with a message. Runs here and not in the delivering process: nothing of it is needed. */
export const previewMessage = async (inForce: InForce, request: PreviewRequest): Promise<Preview> => {
  const { message, source, mappings, destinationId } = request
  const { destination, config } = destinationOf(inForce, destinationId)
  const changed = mappings === undefined ? config : { ...config, actions: mappings }
  return previewDelivery({
    config: changed,
    destination,
    actions: compileActions(changed, destination),
    message,
    source,
    now: Date.now,
  })
}

/** How proposed mappings differ over the newest stored messages. */
export const compareShadow = async (
  stores: Stores,
  inForce: InForce,
  { destinationId, mappings, maxMessages, maxSamples }: ShadowRequest,
  signal: AbortSignal,
): Promise<ShadowReport> => {
  const { destination, config } = destinationOf(inForce, destinationId)
  return shadowCompare({
    current: config,
    proposed: { ...config, actions: mappings },
    destination,
    messages: newestMessages(stores, maxMessages),
    maxSamples,
    now: Date.now,
    signal,
  })
}

async function* newestMessages(
  stores: Stores,
  limit: number,
): AsyncGenerator<{ source: string; message: Message }, void, undefined> {
  const { entries } = await readTail(stores, { limit })
  for (const { source, message } of entries) if (message !== undefined) yield { source, message }
}

/** A destination with actions, as it is in force. */
export const destinationOf = (
  { active, registry }: InForce,
  id: string,
): { destination: AnyDestination; config: DestinationConfig } => {
  const known = active.workspace.destinations[id]
  const destination = known && registry.destinations[known.type]
  if (destination === undefined) throw new MillraceError('not_found', `there is no destination "${id}" with actions`)
  return { destination, config: destinationConfig(active, known as NonNullable<typeof known>) }
}
