import type { EventName, EventProperties } from '@millrace/events'
import type { Integrations } from '@millrace/sdk-core'

/** What every call may say. One of `userId` and `anonymousId` is needed, here or in the surrounding `withContext`. */
export interface CallOptions {
  userId?: string | undefined
  anonymousId?: string | undefined
  /** By default a new UUID. Two messages with one id count as one. */
  messageId?: string | undefined
  /** When it happened, if not now. */
  timestamp?: Date | string | number | undefined
  context?: { readonly [name: string]: unknown } | undefined
  /** Which destinations get it: `{ All: false, warehouse: true }`. */
  integrations?: Integrations | undefined
}

/** Traits of a user or of a group: the names that have a fixed meaning, and any other. */
export interface Traits {
  email?: string | undefined
  name?: string | undefined
  firstName?: string | undefined
  lastName?: string | undefined
  phone?: string | undefined
  createdAt?: string | Date | undefined
  [trait: string]: unknown
}

export interface IdentifyParams extends CallOptions {
  traits?: Traits | undefined
}

/** Properties of whom nothing is said: a plan allows that where it requires none. */
// oxlint-disable-next-line typescript/no-empty-object-type -- an object without properties is meant
type NothingSaid = {}

/**
 * A track call. With a name that the plan knows its properties are completed and checked; where the plan requires one, so
 * does the call.
 */
export type TrackParams<Plan, Name extends EventName<Plan>> = CallOptions & {
  event: Name
} & (NothingSaid extends EventProperties<Plan, Name>
    ? { properties?: EventProperties<Plan, Name> | undefined }
    : { properties: EventProperties<Plan, Name> })

/** A page or screen call. */
export interface PageParams extends CallOptions {
  name?: string | undefined
  category?: string | undefined
  properties?: { readonly [property: string]: unknown } | undefined
}

export interface GroupParams extends CallOptions {
  groupId: string
  traits?: Traits | undefined
}

export interface AliasParams extends CallOptions {
  userId: string
  previousId: string
}
