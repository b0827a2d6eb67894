import { statfs } from 'node:fs/promises'
import { MessageIndexWriter, Resolver, enforceRetention } from '@millrace/pipeline'
import type { RetentionSettings } from '@millrace/pipeline'
import { ruleSetOf } from '@millrace/identity'
import type { RuleSettings, StoredCut } from '@millrace/identity'
import { Fingerprinter } from '@millrace/storage'
import { FileEventLog, SqliteStateStore } from '@millrace/storage/engines'
import { lockRole } from '../data-folder.ts'
import type { DataFolder } from '../data-folder.ts'
import type { Logger } from '../logger.ts'
import type { Handlers } from '../process/rpc.ts'
import { Worker } from '../process/worker-loop.ts'
import { segmentBytesFor } from '../retention/disk-quota.ts'

/** What the writer needs of a version of the workspace. */
export interface WriterPlan {
  workspaceVersion: number
  deduplication: { windowMs: number; maxIds: number }
  retention: RetentionSettings & { diskQuotaBytes?: number }
  identity: RuleSettings
}

export interface WriterStatus {
  tail: number
  head: number
  resolveCursor: number
  /** Messages resolved since the process started. */
  resolvedMessages: number
  /** Milliseconds since 1970; undefined when the last append was stored. */
  appendFailedAtMs: number | undefined
  appendError: string | undefined
  /** Since when the resolve stage has work and makes no progress. */
  stuckSinceMs: number | undefined
  resolveError: string | undefined
  freeBytes: number
  deduplication: { ids: number; bytes: number; sinceMs: number | undefined }
}

/** Resolving a few blocks together costs one transaction; the delay is small beside a request to a destination. */
const GATHER_MS = 3

/** The part of the server that owns the log: it appends, makes durable, and resolves. One process has it. */
export interface LogWriter {
  /** Resolves once the block is durable. The block must not change afterwards. */
  append: (block: Uint8Array) => Promise<void>
  handlers: Handlers
  stop: () => Promise<void>
}

export const openLogWriter = async (folder: DataFolder, logger: Logger): Promise<LogWriter> => {
  lockRole(folder, 'writer')
  let plan: WriterPlan | undefined
  let quotaBytes = Number.POSITIVE_INFINITY
  const log = await FileEventLog.open({
    directory: folder.log,
    segmentBytes: () => {
      const { maxBytes = quotaBytes, diskQuotaBytes = quotaBytes } = plan?.retention ?? {}
      return segmentBytesFor(Math.min(maxBytes, diskQuotaBytes, quotaBytes))
    },
    warn: (message) => logger.warn(message),
  })
  const state = SqliteStateStore.open({ path: folder.resolveState })
  const fingerprinter = new Fingerprinter(folder.keys.fingerprint)
  let resolver: Resolver | undefined
  let index: MessageIndexWriter | undefined
  let appendFailure: { atMs: number; error: string } | undefined
  let resolvedMessages = 0

  const work = new Worker({
    step: async () => {
      if (plan === undefined) return false
      if (resolver === undefined) {
        // Only now are the window's limits known. Appending goes on meanwhile.
        const cursor = (await state.cursor('resolve'))?.block ?? 0
        index = await MessageIndexWriter.open({
          directory: folder.index,
          log,
          upTo: cursor,
          warn: (message) => logger.warn(message),
        })
        resolver = await Resolver.open({
          log,
          state,
          fingerprinter,
          deduplication: () => (plan as WriterPlan).deduplication,
          workspaceVersion: () => (plan as WriterPlan).workspaceVersion,
          identityRules: () => ruleSetOf((plan as WriterPlan).identity),
          index,
        })
      }
      const messages = await resolver.step()
      resolvedMessages += messages
      return (await log.head()) > resolver.cursor
    },
    gatherMs: GATHER_MS,
    onError: (error) => logger.error(`the resolve stage failed and tries again: ${String(error)}`),
  })

  const append = async (block: Uint8Array): Promise<void> => {
    try {
      await log.append([block])
    } catch (error) {
      if (appendFailure === undefined) logger.error(`messages are refused with 503: ${String(error)}`)
      appendFailure = { atMs: Date.now(), error: String(error) }
      throw error
    }
    appendFailure = undefined
    work.wake()
  }

  const status = async (): Promise<WriterStatus> => {
    const { bavail, bsize } = await statfs(folder.path)
    return {
      tail: await log.tail(),
      head: await log.head(),
      resolveCursor: resolver?.cursor ?? (await state.cursor('resolve'))?.block ?? 0,
      resolvedMessages,
      appendFailedAtMs: appendFailure?.atMs,
      appendError: appendFailure?.error,
      stuckSinceMs: work.stuckSinceMs,
      resolveError: work.lastError,
      freeBytes: bavail * bsize,
      deduplication: {
        ids: resolver?.window.size ?? 0,
        bytes: resolver?.window.bytes ?? 0,
        sinceMs: resolver?.window.sinceMs,
      },
    }
  }

  const opened = (): Resolver => {
    if (resolver === undefined) throw new Error('the resolve stage has not begun; try again in a moment')
    return resolver
  }

  return {
    append,
    handlers: {
      'writer.apply': (next: WriterPlan) => {
        plan = next
        work.wake()
      },
      'writer.status': status,
      /** Undoes a link between identifiers. */
      'writer.cut': (cut: StoredCut) => opened().cut(cut),
      'writer.uncut': (pair: Pick<StoredCut, 'a' | 'b'>) => opened().uncut(pair),
      /** Removes what is old and read. `keepFrom` is the slowest destination's cursor. */
      'writer.retain': async (now: { keepFrom: number; quotaBytes: number }) => {
        quotaBytes = now.quotaBytes
        if (plan === undefined || index === undefined) return await log.tail()
        return enforceRetention({ log, state, index, settings: plan.retention, nowMs: Date.now(), ...now })
      },
      'writer.truncationPoint': (before: number) => log.truncationPoint(before),
    },
    stop: async () => {
      await work.stop()
      await index?.close()
      await log[Symbol.asyncDispose]()
      await state[Symbol.asyncDispose]()
    },
  }
}
