import type { Runtime } from './runtime.ts'

/** A machine whose time passes only when the test says so. */
export interface FakeRuntime extends Runtime {
  /** Runs the timers that are due on the way, in order, and what follows from each. */
  pass: (ms: number) => Promise<void>
  timers: () => number
}

/** Promises that are resolved already run before it goes on. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve()
}

export const createFakeRuntime = (random = 0.5): FakeRuntime => {
  let now = Date.parse('2026-01-02T03:04:05.678Z')
  let ids = 0
  let timers: { at: number; run: () => void }[] = []
  return {
    now: () => now,
    random: () => random,
    newId: () => `id-${++ids}`,
    setTimer: (run, ms) => {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return timer
    },
    clearTimer: (timer) => {
      timers = timers.filter((each) => each !== timer)
    },
    timers: () => timers.length,
    pass: async (ms) => {
      const end = now + ms
      await settled()
      for (let turns = 0; turns < 10_000; turns++) {
        const [due] = timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)
        if (due === undefined) break
        timers = timers.filter((each) => each !== due)
        now = Math.max(now, due.at)
        due.run()
        await settled()
      }
      now = end
    },
  }
}
