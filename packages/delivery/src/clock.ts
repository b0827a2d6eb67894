/**
 * The time that delivery goes by: of the system in the program, moved by hand in simulations. Everything in this package that
 * waits or looks at the time does it through a clock, except the HTTP client, whose time is that of its sockets.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(this: void): number
  /** Calls `run` once, after `ms` milliseconds at the earliest. */
  setTimeout(this: void, run: () => void, ms: number): Timer
  clearTimeout(this: void, timer: Timer | undefined): void
}

export type Timer = NodeJS.Timeout | number

export const systemClock: Clock = {
  now: Date.now,
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer),
}
