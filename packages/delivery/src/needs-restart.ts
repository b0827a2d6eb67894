import type { DestinationConfig } from './destination-config.ts'

/** Connections and the warehouse's file are opened once, and messages under way keep their order; other changes are taken up while running. */
export const needsRestart = (before: DestinationConfig, after: DestinationConfig): boolean =>
  before.type !== after.type ||
  before.delivery.timeoutMs !== after.delivery.timeoutMs ||
  before.delivery.concurrency !== after.delivery.concurrency ||
  before.delivery.order !== after.delivery.order ||
  JSON.stringify(before.settings) !== JSON.stringify(after.settings)
