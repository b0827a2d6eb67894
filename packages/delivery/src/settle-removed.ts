import type { StateStore } from '@millrace/storage'
import { compileTrigger } from '@millrace/component-kit'
import { commitSettled } from './destination-committer.ts'
import type { DestinationMeta } from './delivery-state.ts'
import { consumerOf, deliveryState, encodeJson } from './delivery-state.ts'
import { DeliveryWindow } from './delivery-window.ts'
import { Matcher } from './match.ts'
import { outcomeCodes } from './outcome-code.ts'
import { renameDestination } from './rename-destination.ts'
import type { ResolvedFeed } from './resolved-feed.ts'

/**
 * Closes the account of a destination that is no longer in the workspace: what still waited for it is dead(removed),
 * unless it would have been filtered. Then the account is put aside under `<id>~<version>`. Goes on where it stopped after
 * a crash, because the cursor moves with each step.
 */
export const settleRemoved = async (options: {
  id: string
  meta: DestinationMeta
  workspaceVersion: number
  feed: ResolvedFeed
  state: StateStore
  now: () => number
}): Promise<void> => {
  const { id, meta, workspaceVersion, feed, state } = options
  const { matching } = meta
  const matcher = new Matcher(
    { id, name: matching.name, enabled: matching.enabled, ...(matching.sources && { sources: matching.sources }) },
    matching.actions.map(({ trigger }) => ({ trigger: compileTrigger(trigger) })),
  )
  // A warehouse has no triggers: it takes every message of its sources.
  const takesAll = matching.actions.length === 0
  const end = await feed.end()
  for (;;) {
    const cursor = (await state.cursor(consumerOf(id))) ?? meta.start
    if (cursor.block >= end) break
    const window = new DeliveryWindow(cursor)
    for (const resolved of await feed.read(cursor.block)) {
      const codes = new Uint8Array(resolved.block.rowCount)
      for (let row = 0; row < codes.length; row++) {
        const match = matcher.match(resolved, row)
        const isFor = 'actions' in match || (takesAll && match.code === outcomeCodes.filteredNoAction)
        codes[row] = isFor ? outcomeCodes.deadRemoved : 'code' in match ? match.code : outcomeCodes.deadRemoved
      }
      // Every row has its code already, so nothing is in flight.
      window.addRows(resolved, codes)
    }
    const settled = window.take()
    if (settled === undefined) break
    await commitSettled(state, id, settled, [], workspaceVersion)
  }
  const removedAt = new Date(options.now()).toISOString()
  await state.transaction((tx) => tx.put(deliveryState.meta, [id], encodeJson({ ...meta, removedAt })))
  await renameDestination(state, id, `${id}~${workspaceVersion}`)
}
