import { attempt } from './dom.ts'
import type { Lock } from './one-sender.ts'

/** Longer than any request: a page that died in one holds up the others no longer than this. */
const leaseMs = 30_000
const lookAgainMs = 500
/** Two pages may have written at once; after this both read the same. */
const settleMs = 20

/** Lets one page at a time send, by an entry of local storage that names it and ends by itself. */
export const leaseLock: Lock = async ({ name, pageId, storage, runtime }, task) => {
  const holder = (): string[] => attempt(() => storage.getItem(name))?.split(' ') ?? []
  const isOthers = (): boolean => {
    const [owner = pageId, until] = holder()
    return owner !== pageId && Number(until) > runtime.now()
  }
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      runtime.setTimer(resolve, ms)
    })
  const write = (): true | undefined =>
    attempt(() => {
      storage.setItem(name, `${pageId} ${runtime.now() + leaseMs}`)
      return true
    })
  for (let isMine = false; !isMine;) {
    while (isOthers()) await wait(lookAgainMs * (1 + runtime.random()))
    const isWritten = write()
    if (isWritten) await wait(settleMs)
    // What cannot be written is not shared either.
    isMine = !isWritten || holder()[0] === pageId
  }
  await task()
  attempt(() => storage.removeItem(name))
}
