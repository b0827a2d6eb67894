import type { AnyDestination, AnyWarehouse } from '@millrace/component-kit'
import type { StateStore } from '@millrace/storage'
import type { Clock } from './clock.ts'
import type { ResolvedBefore } from './delivery-ledger.ts'
import type { DestinationConfig } from './destination-config.ts'
import type { DeadLetterSettings } from './dead/copy-budget.ts'
import type { ResolvedFeed } from './resolved-feed.ts'

export interface DeliveryServiceOptions {
  feed: ResolvedFeed
  /** Written by this process alone. */
  state: StateStore
  components: {
    destinations: Readonly<Record<string, AnyDestination>>
    warehouses: Readonly<Record<string, AnyWarehouse>>
  }
  resolvedBefore: ResolvedBefore
  /** Destinations keep files in a folder of their own below it; relative paths of settings begin at it. */
  dataDirectory: string
  userAgent: string
  /** The warehouse schema of a source's rows. */
  schemaOf: (source: string) => string
  clock: Clock
  /** Milliseconds of any origin, by which the destinations share the processor. Default: the clock's. */
  preciseMs?: () => number
  /** For what share of the time the process was busy since it was asked last, 0 to 1. Default: it never is. */
  busyShare?: () => number
  random: () => number
  warn: (message: string) => void
}

/** What the service needs of one version of the workspace. */
export interface DeliveryPlan {
  workspaceVersion: number
  destinations: readonly DestinationConfig[]
  /** Private ranges that may be reached. */
  allow: readonly string[]
  deadLetters: DeadLetterSettings
}
