import type { LateOutcomes } from './late-outcomes.ts'
import { outcomeCodes } from './outcome-code.ts'
import { storedKind } from './outcome-kind.ts'
import type { ParkedRow } from './parked-delivery.ts'
import type { Redrivable } from './redrive-letters.ts'

/** Makes a dead delivery a parked one, with fresh attempts, and says so in `late`. */
export const redrivenRow = ({ place, letter, from, now }: Redrivable, late: LateOutcomes, nowMs: number): ParkedRow => {
  const { action, block, index } = place
  const { messageId, source, key, copyBytes, redrives = 0 } = letter
  late.open({ block, index }, source, from, now)
  late.settle(place, action, outcomeCodes.parked)
  return {
    block,
    index,
    action,
    source,
    messageId,
    ...(key !== undefined && { key }),
    kind: storedKind(from),
    attempts: 0,
    firstAttemptMs: 0,
    pausedMs: 0,
    pausedBeforeMs: 0,
    parkedMs: nowMs,
    nextAttemptMs: 0,
    redrivenAt: new Date(nowMs).toISOString(),
    redrives: redrives + 1,
    ...(copyBytes !== undefined && { copyBytes }),
  }
}
