import type { Json, JsonObject } from '@millrace/protocol'
import type { Fields, Infer } from './fields.ts'
import type { HttpClient } from './http.ts'
import type { Outcome } from './outcome.ts'

/** One mapped message on its way to an action. */
export interface Payload<V = JsonObject> {
  /** The declared name of the action that it was mapped for: actions that share `deliver` are told apart by it. */
  action: string
  /** The mapped fields, checked against the action's declaration. */
  values: V
  /** Stable for this destination, mapping and messageId: hash, in base64url. The receiver may use it to drop copies. */
  idempotencyKey: string
  messageId: string
}

/** What an action may use. Nothing else reaches the outside. */
export interface DeliverContext<S> {
  settings: S
  http: HttpClient
  signal: AbortSignal
  /** Milliseconds since 1970; injected, so that tests decide it. */
  now: () => number
  /** The id under which the user configured this destination. */
  destinationId: string
  /** A folder that this destination alone may write, for destinations that keep files. */
  dataDirectory: string
}

/**
 * How many messages one call of `deliver` may take. A batch of one is a batch. Actions of a destination whose `deliver` is
 * the same function share batches, so they declare the same limits.
 */
export interface BatchSpec<S = JsonObject> {
  maxMessages: number | ((settings: S) => number)
  maxBytes?: number
  /** How long a partial batch waits for company. */
  maxWaitMs?: number
}

export interface ActionExample {
  title: string
  settings?: JsonObject
  message: JsonObject
  /** The JSON bodies of the requests that are sent. */
  requests: readonly Json[]
}

/** An action: plain data plus one function. */
export interface Action<F extends Fields = Fields, S extends Fields = Fields> {
  title: string
  description: string
  /** The default trigger, in the trigger language. */
  trigger: string
  /** The same object that the destination declares; here for the types. */
  settings: S
  fields: F
  batch: BatchSpec<Infer<S>>
  /**
   * Returns one outcome per payload, in the same order. Must not throw for what a receiver answers. Where several actions
   * have the same function here, one call may hold payloads of all of them, in the order of the messages.
   */
  deliver(
    this: void,
    context: DeliverContext<Infer<S>>,
    payloads: readonly Payload<Infer<F>>[],
  ): Promise<readonly Outcome[]>
  examples: readonly ActionExample[]
}

/** An action that runs in a new destination without a mapping being written. */
export interface Preset {
  name: string
  action: string
  /** Defaults to the action's trigger. */
  trigger?: string
  /** Replaces single fields of the action's default mapping. */
  fields?: JsonObject
}

export interface Destination<S extends Fields = Fields> {
  kind: 'destination'
  slug: string
  name: string
  description: string
  settings: S
  actions: { readonly [name: string]: AnyAction }
  /** Without presets each action runs by its own default trigger and mapping. */
  presets?: readonly Preset[]
  /** What the service asks of its clients, per second; the user's settings of the destination win. Default: no limit. */
  rateLimit?: { requestsPerSecond?: number; messagesPerSecond?: number }
  /** Where `deliver` sends. One that writes files is not run by a dry run, which shows the mapped fields. Default `http`. */
  output?: 'http' | 'files'
  /** "Test connection": changes nothing at the receiver. */
  check?(context: DeliverContext<Infer<S>>): Promise<Outcome>
}

/** The erased type, for the registry and the delivery service. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one erased alias: F and S are contravariant in deliver
export type AnyAction = Action<any, any>
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
export type AnyDestination = Destination<any>

export const defineAction = <const F extends Fields, const S extends Fields>(action: Action<F, S>): Action<F, S> =>
  action

/**
 * Declares a destination.
 * @throws {Error} if actions that share `deliver` differ in their batch limits: a mistake in the declaration.
 * @example
 * export default defineDestination({ slug: 'slack', name: 'Slack', description: 'Post chat messages.', settings, actions: { postMessage } })
 */
export const defineDestination = <const S extends Fields>(
  destination: Omit<Destination<S>, 'kind'>,
): Destination<S> => {
  const first = new Map<unknown, [string, AnyAction]>()
  for (const [name, action] of Object.entries(destination.actions)) {
    const [other, { batch }] = first.get(action.deliver) ?? [name, action]
    if (batch.maxMessages !== action.batch.maxMessages || batch.maxBytes !== action.batch.maxBytes) {
      throw new Error(
        `The actions "${other}" and "${name}" of ${destination.slug} share deliver, so they share batches: ` +
          'declare the same maxMessages and maxBytes for both, or give each its own deliver',
      )
    }
    first.set(action.deliver, [other, action])
  }
  return { kind: 'destination', ...destination }
}
