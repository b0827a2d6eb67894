export type { AnyEvents, EventName, EventProperties, KnownName, TrackedEvent } from './plan.ts'
export type { EventHelper } from './event-helper.ts'
export type * from './standard-events.generated.ts'
export * from './helpers.generated.ts'
