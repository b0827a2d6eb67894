/** A value now, or a promise of it. Chains over it stay synchronous as long as nobody in them waits. */
export type MaybePromise<Value> = Value | PromiseLike<Value>

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function'

/** Goes on with the value: now when it is there, else when it is. */
export const andThen = <From, To>(
  value: MaybePromise<From>,
  goOn: (value: From) => MaybePromise<To>,
): MaybePromise<To> => (isPromise(value) ? value.then(goOn) : goOn(value))
