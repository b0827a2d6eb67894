import type { Offset, StateStore, StateTransaction } from '@millrace/storage'
import { commitSettled } from './destination-committer.ts'
import { LateOutcomes } from './late-outcomes.ts'
import type { OutcomeCode } from './outcome-code.ts'
import type { ParkedDelivery } from './parked-delivery.ts'
import { readParked } from './read-parked.ts'

const ROWS_PER_STEP = 1_000

/**
 * Ends what is parked at a destination that does not run, without letters. In steps of one transaction each; dying between two leaves the
 * rest parked. Resolves with how many messages ended: those of which no action is parked any more.
 */
export const settleParked = async (options: {
  state: StateStore
  id: string
  workspaceVersion: number
  code: OutcomeCode
  /** Only what needs the log before this offset. Default: all. */
  before?: Offset
  /** Called in each transaction with the rows that it ends, and of how many messages these are the last. */
  more?: (tx: StateTransaction, rows: readonly ParkedDelivery[], ended: number) => void
}): Promise<number> => {
  const { state, id, workspaceVersion, code, before, more } = options
  const late = new LateOutcomes()
  const all = await readParked(state, id, late, 0)
  const rows =
    before === undefined ? all : all.filter(({ block, copyBytes }) => block < before && copyBytes === undefined)
  let ended = 0
  while (rows.length > 0) {
    const deletes = rows.splice(0, ROWS_PER_STEP)
    const last = deletes.filter((row) => late.settle(row, row.action, code)).length
    const parked = { puts: [], deletes, late: late.take(), pausedMs: 0 }
    await commitSettled(state, id, undefined, [], workspaceVersion, {
      parked,
      ...(more && { more: (tx) => more(tx, deletes, last) }),
    })
    ended += last
  }
  return ended
}
