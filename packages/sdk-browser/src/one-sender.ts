import type { Runtime } from '@millrace/sdk-core'
import type { PageNavigator, PageStorage } from './dom.ts'

/** What a page shares with the others that send from the same journal. */
export interface Shared {
  /** Of the lock. */
  name: string
  pageId: string
  navigator: PageNavigator
  storage: PageStorage
  runtime: Runtime
}

/** Runs a task while no other page runs one. */
export type Lock = (shared: Shared, task: () => Promise<void>) => Promise<void>

/** By Web Locks, which the browser frees when a page dies. Pages without TLS have none. */
export const webLock: Lock = ({ name, navigator: { locks } }, task) => {
  let isRun = false
  const run = (): Promise<void> => {
    isRun = true
    return task()
  }
  // A sandboxed page has locks that refuse.
  return locks?.request(name, run).catch(() => (isRun ? undefined : task())) ?? task()
}
