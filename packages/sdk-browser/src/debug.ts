import type { Emitter } from '@millrace/sdk-core'

const told = ['track', 'identify', 'page', 'screen', 'group', 'alias', 'reset', 'delivered', 'retry', 'error']

/** Writes what happens to the console, until the function that it gives is called. */
export const logTo = (emitter: Emitter): (() => void) => {
  const stops = told.map((event) => {
    const listener = (...args: unknown[]): void => console.log(`analytics ${event}`, ...args)
    emitter.on(event, listener)
    return () => emitter.off(event, listener)
  })
  return () => {
    for (const stop of stops) stop()
  }
}
