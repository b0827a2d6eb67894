import { uuidOf } from '@millrace/sdk-core'
import type { Runtime } from '@millrace/sdk-core'
import type { PageWindow } from './dom.ts'

/** Time, chance and timers of the page. */
export const pageRuntime = (win: PageWindow): Runtime => ({
  now: Date.now,
  random: Math.random,
  // Pages without TLS have no randomUUID.
  newId: () => win.crypto.randomUUID?.() ?? uuidOf(win.crypto.getRandomValues(new Uint8Array(16))),
  setTimer: (run, ms) => win.setTimeout(run, ms),
  clearTimer: (timer) => win.clearTimeout(timer),
})
