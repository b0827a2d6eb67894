import type { AnyDestination, HttpClient } from '@millrace/component-kit'
import type { Cursor, StateStore } from '@millrace/storage'
import type { Clock } from './clock.ts'
import type { CopyBudget } from './dead/copy-budget.ts'
import type { CarriedGate, OperatorPause } from './delivery-gate.ts'
import type { DestinationConfig } from './destination-config.ts'
import type { FeedReader } from './replay/range-feed.ts'
import type { Gate } from './replay/replay-gate.ts'
import type { Turns } from './turns.ts'

/** What the runner of one destination is made of. */
export interface RunnerOptions {
  config: DestinationConfig
  destination: AnyDestination
  workspaceVersion: number
  feed: FeedReader
  state: StateStore
  /** Where the last run's commit ended, or where the destination begins. */
  cursor: Cursor
  /** Asked for each request, because a changed configuration may bring another client. */
  http: () => HttpClient
  dataDirectory: string
  /** How much may be kept of dead messages. Default: whatever comes. */
  copies?: CopyBudget
  /** Set when an operator paused it in an earlier life. */
  pause?: OperatorPause | undefined
  /** In place of one of its own. */
  gate?: Gate
  /** How the gate of its predecessor stood, if it goes on in place of one that was stopped just now. */
  carried?: CarriedGate | undefined
  clock: Clock
  /** In which all destinations of the process scan. Default: its own. */
  turns?: Turns
  random: () => number
  warn: (message: string) => void
}
