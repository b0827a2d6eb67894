import { decodeResolution, resolveState } from '@millrace/storage'
import type { LogReader, ResolutionRecord, StateReader, StateStore } from '@millrace/storage'
import type { DeduplicationOptions } from '../deduplication-window.ts'
import { MessageIndexWriter } from '../message-index/message-index-writer.ts'
import { Resolver } from '../resolver.ts'
import { testFingerprinter } from './block-of-rows.ts'

/** Opens a resolver as the server does: first the index, then the window. */
export const openResolver = async (options: {
  log: LogReader
  state: StateStore
  directory: string
  deduplication?: DeduplicationOptions
  workspaceVersion?: number
  stepBytes?: number
}): Promise<Resolver> => {
  const { log, state, directory, stepBytes } = options
  const upTo = (await state.cursor(resolveState.consumer))?.block ?? 0
  return Resolver.open({
    log,
    state,
    fingerprinter: testFingerprinter,
    deduplication: () => options.deduplication ?? { windowMs: 86_400_000, maxIds: 10_000_000 },
    workspaceVersion: () => options.workspaceVersion ?? 1,
    index: await MessageIndexWriter.open({ directory, log, upTo }),
    ...(stepBytes !== undefined && { stepBytes }),
  })
}

/** Steps until the head. */
export const resolveAll = async (resolver: Resolver, log: LogReader): Promise<void> => {
  while (resolver.cursor < (await log.head())) await resolver.step()
}

/** All resolution records by offset. */
export const recordsOf = async (state: StateReader): Promise<Map<number, ResolutionRecord>> => {
  const entries = await state.scan(resolveState.resolutions, { limit: 1_000_000 })
  return new Map(entries.map(({ key, value }) => [key[0] as number, decodeResolution(value)]))
}
