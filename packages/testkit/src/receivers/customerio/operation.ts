import type { JsonObject } from '@millrace/protocol'

/** Who is meant: exactly one identifier, as the Track API demands. `phone` is not modelled. */
export type PersonReference = { readonly id: string } | { readonly email: string } | { readonly cioId: string }

/** Somebody who is not identified yet. */
export interface AnonymousReference {
  readonly anonymousId: string
}

/** An object by what its owner calls it. `cio_object_id` is not modelled. */
export interface ObjectReference {
  readonly typeId: string
  readonly id: string
}

export interface Relation<Target> {
  readonly target: Target
  /** Null and the empty string remove an attribute. */
  readonly attributes: JsonObject
}

/** `viewed_content` and `clicked_content` are accepted as vendors send them; the documentation of v2 does not list them. */
export const eventKinds = ['event', 'page', 'screen', 'viewed_content', 'clicked_content'] as const
export type EventKind = (typeof eventKinds)[number]

export const platforms = ['ios', 'android'] as const
export type Platform = (typeof platforms)[number]

export const deliveryMetrics = [
  'delivered',
  'opened',
  'clicked',
  'converted',
  'bounced',
  'deferred',
  'dropped',
  'spammed',
] as const
export type DeliveryMetric = (typeof deliveryMetrics)[number]

export interface EventOperation {
  readonly action: 'event'
  readonly kind: EventKind
  readonly person: PersonReference | AnonymousReference
  readonly name: string
  /** For deduplication, which only looks at ULIDs. */
  readonly id?: string
  readonly attributes: JsonObject
  /** Seconds since 1970. */
  readonly timestamp?: number
}

/** One entity operation that passed all checks of its form. */
export type Operation =
  | {
      readonly action: 'identify'
      readonly person: PersonReference | AnonymousReference
      readonly attributes: JsonObject
      /** Seconds since 1970: orders updates of one attribute. */
      readonly timestamp?: number
      readonly relationships: readonly Relation<ObjectReference>[]
    }
  | EventOperation
  | {
      readonly action: 'add_device'
      readonly person: PersonReference
      readonly token: string
      readonly platform: Platform
      /** Seconds since 1970. */
      readonly lastUsed?: number
      readonly attributes: JsonObject
    }
  | { readonly action: 'delete_device'; readonly person: PersonReference; readonly token: string }
  | { readonly action: 'delete' | 'suppress' | 'unsuppress'; readonly person: PersonReference }
  | { readonly action: 'merge'; readonly primary: PersonReference; readonly secondary: PersonReference }
  | {
      readonly action: 'add_relationships' | 'delete_relationships'
      readonly person: PersonReference
      readonly relationships: readonly Relation<ObjectReference>[]
    }
  | {
      readonly action: 'identify_object'
      readonly object: ObjectReference
      readonly attributes: JsonObject
      readonly relationships: readonly Relation<PersonReference | AnonymousReference>[]
    }
  | { readonly action: 'delete_object'; readonly object: ObjectReference }
  | {
      readonly action: 'add_object_relationships' | 'delete_object_relationships'
      readonly object: ObjectReference
      readonly relationships: readonly Relation<PersonReference>[]
    }
  | ({ readonly action: 'metric' } & Metric)

/** What became of one message that Customer.io sent. */
export interface Metric {
  readonly deliveryId: string
  readonly metric: DeliveryMetric
  /** Seconds since 1970. */
  readonly timestamp?: number
  /** The rest, as it came: recipient, reason, href, metadata, device_token. */
  readonly details: JsonObject
}

/** Why an operation is refused. The keys are documented; the words of `reason` and `message` are not. */
export interface OperationProblem {
  readonly reason: 'required' | 'invalid' | 'too_long' | 'too_many' | 'too_large'
  /** Where it is: `attributes.plan`. */
  readonly field: string
  readonly message: string
}
