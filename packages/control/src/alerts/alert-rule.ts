import type { Fields, Infer } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import type { AlertNeed, DestinationFacts, SourceFacts } from './alert-facts.ts'

/** What rules remember from one evaluation to the next, stored with the state of the alert. */
export type RuleMemory = JsonObject

export interface Observation<S, M> {
  settings: S
  /** What `observe` gave last; undefined the first time. */
  memory: M | undefined
  nowMs: number
  /** How long before now nobody looked, because the server was down: what did not happen then says nothing. */
  unwatchedMs: number
}

export interface Observed<M> {
  /** Undefined when nothing can be said now: then the alert stays as it is. */
  value: number | undefined
  memory?: M
}

/** One kind of rule, as data plus the function that looks at one source or destination. */
export interface AlertRule<
  F extends Fields = Fields,
  M extends RuleMemory = RuleMemory,
  K extends 'source' | 'destination' = 'source' | 'destination',
> {
  type: string
  name: string
  description: string
  /** What it looks at, one by one: each has a state of its own. */
  subject: K
  needs: AlertNeed
  /** `destinations` or `sources` is added by the subject. */
  settings: F
  unit: 'percent' | 'ms' | 'messages'
  /** The alert fires at this value and above. */
  threshold(settings: Infer<F>): number
  observe(
    facts: { source: SourceFacts; destination: DestinationFacts }[K],
    observation: Observation<Infer<F>, M>,
  ): Observed<M>
  /** Why it fires, as a sentence without its subject. */
  describe(value: number, settings: Infer<F>): string
}

/** The erased type, for the list of rules. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one erased alias: the settings are contravariant in observe
export type AnyAlertRule = AlertRule<any, any, 'source'> | AlertRule<any, any, 'destination'>

/** Declares a rule, keeping the types of its settings. */
export const defineAlertRule = <const F extends Fields, M extends RuleMemory, const K extends 'source' | 'destination'>(
  rule: AlertRule<F, M, K>,
): AlertRule<F, M, K> => rule
