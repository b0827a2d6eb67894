import { statfs } from 'node:fs/promises'
import { knownDestinations, oldestNeeded, replayCursors } from '@millrace/delivery'
import { resolveState } from '@millrace/storage'
import type { Offset } from '@millrace/storage'
import type { Stores } from '../views/stores.ts'
import { diskQuotaOf } from './disk-quota.ts'

/** What of the log is still needed, and by whom. */
export interface Backlog {
  head: Offset
  tail: Offset
  /** How far the resolve stage has come. */
  resolved: Offset
  quotaBytes: number
  /** Where each destination that is in the workspace needs the log from. */
  needs: ReadonlyMap<string, Offset>
  /** The same of each replay that has not ended. */
  replays: ReadonlyMap<string, Offset>
  /** The least of all: nothing from there on may be removed. */
  keepFrom: Offset
}

/** @param diskQuotaBytes What the workspace says, if it says anything. */
export const readBacklog = async (
  stores: Pick<Stores, 'log' | 'together'>,
  logDirectory: string,
  diskQuotaBytes: number | undefined,
): Promise<Backlog> => {
  const { resolved, needs, replays } = await stores.together(async (delivery, resolve) => {
    const tail = await stores.log.tail()
    const needs = new Map<string, Offset>()
    for (const known of await knownDestinations(delivery)) {
      if (known.meta.removedAt === undefined) needs.set(known.id, (await oldestNeeded(delivery, known, tail)).block)
    }
    return {
      resolved: (await resolve.cursor(resolveState.consumer))?.block ?? 0,
      needs,
      replays: new Map((await replayCursors(delivery)).map(({ id, cursor }) => [id, cursor.block] as const)),
    }
  })
  const { bavail, blocks, bsize } = await statfs(logDirectory)
  // Read last: whoever needs something needs it from before the head.
  const [tail, head] = [await stores.log.tail(), await stores.log.head()]
  const use = { logBytes: head - tail, freeBytes: bavail * bsize, diskBytes: blocks * bsize }
  return {
    head,
    tail,
    resolved,
    quotaBytes: diskQuotaOf(use, diskQuotaBytes),
    needs,
    replays,
    keepFrom: Math.min(resolved, ...needs.values(), ...replays.values()),
  }
}

/** How much of the quota the log takes from an offset on, in percent. */
export const quotaPercentOf = ({ head, quotaBytes }: Backlog, from: Offset): number =>
  Math.round((1000 * Math.max(0, head - from)) / Math.max(1, quotaBytes)) / 10
