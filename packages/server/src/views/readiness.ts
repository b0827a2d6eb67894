import type { WriterStatus } from '../roles/log-writer.ts'

/** Below this the next segment may not fit. */
const LEAST_FREE_BYTES = 16 * 1024 * 1024
/** A stage that has work and made no progress for so long is stuck. */
const STUCK_AFTER_MS = 30_000

/** What keeps the server from being ready, in words for the operator. */
export const readinessReasons = (
  writer: WriterStatus | undefined,
  processes: readonly { name: string; isReady: boolean }[],
  nowMs: number,
): string[] => {
  const reasons = processes.filter(({ isReady }) => !isReady).map(({ name }) => `process "${name}" is not running`)
  if (writer === undefined) {
    reasons.push('the log writer does not answer')
    return reasons
  }
  if (writer.appendFailedAtMs !== undefined) reasons.push(`messages cannot be stored: ${writer.appendError}`)
  if (writer.freeBytes < LEAST_FREE_BYTES) reasons.push(`the disk is full: ${writer.freeBytes} bytes are free`)
  if (writer.stuckSinceMs !== undefined && nowMs - writer.stuckSinceMs > STUCK_AFTER_MS) {
    reasons.push(
      `the resolve stage is stuck since ${new Date(writer.stuckSinceMs).toISOString()}: ${writer.resolveError}`,
    )
  }
  return reasons
}
