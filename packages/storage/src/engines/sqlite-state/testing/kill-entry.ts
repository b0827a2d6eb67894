/** Entries in each commit of the kill test's child. */
export const ENTRIES = 30

/** The value of an entry: its name, again and again, up to 500 bytes. */
export const entryOf = (commit: number, entry: number): Buffer =>
  Buffer.alloc((commit * 31 + entry * 17) % 500, `${commit}/${entry} `)
