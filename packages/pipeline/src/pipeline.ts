import { deduplicate } from './deduplicate.ts'
import type { SourceFingerprints } from './deduplicate.ts'
import type { DeduplicationWindow } from './deduplication-window.ts'
import type { ResolvingBlock } from './resolving-block.ts'

/** What the stages share. */
export interface ResolveContext {
  window: DeduplicationWindow
  sources: SourceFingerprints
}

/**
 * The resolve stages, in order. Each looks at a block and marks rows in it; the resolver then writes one record for the
 * block. Identity, the tracking plan and transformations take their places after `deduplicate`, in this order.
 */
export const stages: readonly { name: string; run: (block: ResolvingBlock, context: ResolveContext) => void }[] = [
  { name: 'deduplicate', run: (block, { window, sources }) => deduplicate(block, window, sources) },
]
