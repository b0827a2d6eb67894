import type { ActiveVersion, WorkspaceDestination } from '@millrace/control'
import type { DeliveryPlan, DeliverySettings, DestinationConfig } from '@millrace/delivery'
import type { IngestSource } from '@millrace/ingestion'
import type { IngestPlan } from './roles/tracking-server.ts'
import type { WriterPlan } from './roles/log-writer.ts'

/** What each role needs of a version of the workspace. */
export const writerPlan = ({ version, workspace }: ActiveVersion): WriterPlan => ({
  workspaceVersion: version,
  deduplication: workspace.settings.deduplication,
  retention: workspace.settings.retention,
  identity: workspace.settings.identity,
})

export const ingestPlan = ({ workspace }: ActiveVersion): IngestPlan => ({
  sources: Object.values(workspace.sources).map(({ id, name, enabled, writeKeys, settings }): IngestSource => ({
    id,
    name,
    enabled,
    writeKeys,
    settings: settings as IngestSource['settings'],
  })),
  limits: workspace.settings.limits,
  trustedProxies: workspace.network.trustedProxies,
  publicUrl: workspace.network.publicUrl,
})

export const deliveryPlan = (active: ActiveVersion): DeliveryPlan => ({
  workspaceVersion: active.version,
  allow: active.workspace.network.allow,
  deadLetters: active.workspace.settings.deadLetters,
  destinations: Object.values(active.workspace.destinations).map((destination) =>
    destinationConfig(active, destination),
  ),
})

/** A destination of a version as delivery takes it. */
export const destinationConfig = (
  { destinations }: ActiveVersion,
  { id, type, name, enabled, sources, settings, delivery, mappings, formerId }: WorkspaceDestination,
): DestinationConfig => ({
  id,
  type,
  name,
  enabled,
  sources,
  settings,
  delivery: delivery as DeliverySettings,
  actions: mappings.map(({ name, action, trigger, fields }) => ({ name, action, trigger, fields })),
  start: destinations[id]?.start ?? { block: 0, index: 0 },
  ...(formerId !== undefined && { formerId }),
})
