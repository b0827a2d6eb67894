import { it } from 'node:test'

/** Why an engine cannot run a test. A skip without a reason does not exist. */
export interface Skip {
  reason: string
}

export const isSkip = (value: unknown): value is Skip =>
  typeof value === 'object' && value !== null && 'reason' in value && typeof value.reason === 'string'

/** A test of what an engine may lack: skipped with its reason where it does. */
export const itWith = <T>(needed: T | Skip, name: string, test: (value: T) => Promise<void>): void => {
  if (isSkip(needed)) it(name, { skip: needed.reason }, () => {})
  else it(name, () => test(needed))
}
