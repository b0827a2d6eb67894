/** What one call of redrive did. */
export interface RedriveAnswer {
  /** How many dead letters are on their way again. */
  redriven: number
  /** Those letters. */
  ids: string[]
  /** Letters that were not redriven, and why: they are not dead any more, or their message is gone. */
  skipped: { id: string; why: string }[]
  /** There may be more: ask again with this as `next`. Absent at the end. */
  next?: string
}

/** What became of redriven letters. */
export interface RedriveProgress {
  /** Parked, or on their way. */
  waiting: number
  delivered: number
  /** Dead again, each with a letter of the same id. */
  dead: number
}
