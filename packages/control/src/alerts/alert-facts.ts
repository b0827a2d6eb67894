/** What a rule has to know; only what the rules of the workspace need is read. */
export type AlertNeed = 'attempts' | 'dead' | 'oldestPending' | 'quota' | 'accepted'

/** What is known of the sources and destinations at one moment; what nobody answered is undefined. */
export interface AlertFacts {
  sources: ReadonlyMap<string, SourceFacts>
  destinations: ReadonlyMap<string, DestinationFacts>
}

export interface SourceFacts {
  /** Messages accepted, ever. */
  accepted?: number
}

export interface DestinationFacts {
  /** Delivery attempts since its process started, one for each message of each request. */
  attempts?: { all: number; failed: number }
  /** `failing`: something waits to be sent again, or nothing is sent because the receiver fails. */
  state?: 'running' | 'failing' | 'disabled'
  /** Dead messages, ever. */
  dead?: number
  /** When the oldest message was received that is not settled, in milliseconds since 1970; null when all are. */
  oldestPendingMs?: number | null
  /** How much of the disk quota the log takes from the first message on that is not settled, in percent. */
  quotaPercent?: number
}
