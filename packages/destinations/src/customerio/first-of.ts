import type { JsonObject } from '@millrace/protocol'

/** The mapping to the value of the first path, or of the second where the first has none. */
export const firstOf = (first: string, second: string): JsonObject => ({
  '@if': {
    exists: { '@path': first },
    // oxlint-disable-next-line unicorn/no-thenable -- the word of the mapping language; nobody awaits a mapping
    then: { '@path': first },
    else: { '@path': second },
  },
})
