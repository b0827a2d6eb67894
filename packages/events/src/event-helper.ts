import type { TrackedEvent } from './plan.ts'
import type { StandardEvents } from './standard-events.generated.ts'

/** Makes one standard event from its properties. */
export type EventHelper<N extends keyof StandardEvents> = (
  properties?: StandardEvents[N],
) => TrackedEvent<N, StandardEvents[N]>

/** The helper of a standard event. A bundler drops those that nobody calls. */
export const eventHelper =
  <N extends keyof StandardEvents>(event: N): EventHelper<N> =>
  (properties = {}) => ({ event, properties })
