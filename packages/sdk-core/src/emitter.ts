export type Listener = (...args: never[]) => unknown
type AnyListener = (...args: unknown[]) => unknown

/** `on`, `once`, `off` and `emit`. What a listener throws is reported and stops neither the call nor other listeners. */
export interface Emitter {
  on: (event: string, listener: Listener) => void
  once: (event: string, listener: Listener) => void
  off: (event: string, listener: Listener) => void
  emit: (event: string, ...args: unknown[]) => void
  has: (event: string) => boolean
}

export const createEmitter = (report: (error: unknown) => void): Emitter => {
  let listeners: { event: string; listener: Listener; isOnce: boolean }[] = []
  const add = (event: string, listener: Listener, isOnce: boolean): void => {
    listeners = [...listeners, { event, listener, isOnce }]
  }
  const off = (event: string, listener: Listener): void => {
    listeners = listeners.filter((each) => each.event !== event || each.listener !== listener)
  }
  return {
    on: (event, listener) => add(event, listener, false),
    once: (event, listener) => add(event, listener, true),
    off,
    emit: (event, ...args) => {
      for (const each of listeners) {
        if (each.event !== event) continue
        if (each.isOnce) listeners = listeners.filter((other) => other !== each)
        try {
          ;(each.listener as AnyListener)(...args)
        } catch (error) {
          report(error)
        }
      }
    },
    has: (event) => listeners.some((each) => each.event === event),
  }
}
