import type { Block, Offset } from '@millrace/storage'

/** A block on its way through the resolve stages. Stages mark rows; nothing is copied. */
export interface ResolvingBlock {
  offset: Offset
  block: Block
  duplicates: number[]
}
