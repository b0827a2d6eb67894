import type { StateStore } from '@millrace/storage'
import { compileTrigger } from '@millrace/component-kit'
import type { Trigger } from '@millrace/component-kit'
import { commitSettled } from './destination-committer.ts'
import type { DestinationMeta } from './delivery-state.ts'
import { consumerOf } from './delivery-state.ts'
import { DeliveryWindow } from './delivery-window.ts'
import { Matcher } from './match.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeKinds } from './outcome-kind.ts'
import { renameDestination } from './rename-destination.ts'
import type { ResolvedFeed } from './resolved-feed.ts'
import { settleParked } from './settle-parked.ts'

/**
 * Closes the account of a destination that is no longer in the workspace: what still waited for it is dead(removed),
 * unless it would have been filtered, at each action that it was for. Then the account is put aside under `<id>~<version>`, in one transaction. Goes on where
 * it stopped after a crash, because the cursor moves with each step.
 */
export const settleRemoved = async (options: {
  id: string
  meta: DestinationMeta
  /** A warehouse has no triggers: it takes every message of its sources. */
  isWarehouse: boolean
  workspaceVersion: number
  feed: ResolvedFeed
  state: StateStore
  now: () => number
  /** Ends it between two steps; the next start goes on. */
  signal: AbortSignal
}): Promise<void> => {
  const { id, meta, isWarehouse, workspaceVersion, feed, state } = options
  const { matching } = meta
  const matcher = new Matcher<{ name?: string; trigger: Trigger }>(
    { id, name: matching.name, enabled: matching.enabled, ...(matching.sources && { sources: matching.sources }) },
    isWarehouse
      ? [{ trigger: always }]
      : matching.actions.map(({ name, trigger }) => ({ name, trigger: compileTrigger(trigger) })),
  )
  const end = await feed.end()
  for (;;) {
    if (options.signal.aborted) return
    const cursor = (await state.cursor(consumerOf(id))) ?? meta.start
    if (cursor.block >= end) break
    const window = new DeliveryWindow(cursor)
    for (const resolved of await feed.read(cursor.block)) {
      const kinds = new Uint32Array(resolved.block.rowCount)
      for (let row = 0; row < kinds.length; row++) {
        const match = matcher.match(resolved, row)
        kinds[row] = 'code' in match ? match.code : removedFrom(match.actions, window.kinds)
      }
      // Every row has its outcome already, so nothing is in flight.
      window.addRows(resolved, kinds)
    }
    const settled = window.take()
    if (settled === undefined) break
    await commitSettled(state, id, settled, [], workspaceVersion)
  }
  await settleParked({ state, id, workspaceVersion, code: outcomeCodes.deadRemoved })
  const removedAt = new Date(options.now()).toISOString()
  await renameDestination(state, id, `${id}~${workspaceVersion}`, { ...meta, removedAt })
}

/** The kind of a message that these actions would have got. A warehouse has one without a name. */
const removedFrom = (actions: readonly { name?: string }[], kinds: OutcomeKinds): number => {
  let kind: number = outcomeCodes.pending
  for (const { name } of actions) {
    if (name === undefined) return outcomeCodes.deadRemoved
    kind = kinds.with(kind, name, outcomeCodes.deadRemoved)
  }
  return kind
}

const always: Trigger = { text: '', matches: () => true, onEnvelope: () => true }
