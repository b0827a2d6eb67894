import { compileFields } from '@millrace/component-kit'
import type { Json, JsonObject } from '@millrace/protocol'
import { checkAlert, checkNotifier } from './check-alerts.ts'
import { checkDestination, checkFormerIds } from './check-destination.ts'
import { checkNetwork } from './check-network.ts'
import { checkSettings } from './check-settings.ts'
import { checkSource } from './check-source.ts'
import { idPattern, rootFields } from './document-fields.ts'
import { documentToJson } from './document-json.ts'
import { Problems } from './problems.ts'
import type { WorkspaceRegistry } from './registry.ts'
import type { Workspace } from './workspace.ts'

export interface WorkspaceProblem {
  /** Dotted, list items by index: `destinations.hook.mappings[0].trigger`; empty for the whole document. */
  path: string
  /** What was found there and what to write instead. Never contains a secret. */
  message: string
}

export type WorkspaceCheck =
  | { workspace: Workspace; problems?: undefined }
  | { problems: readonly WorkspaceProblem[]; workspace?: undefined }

export interface CheckOptions {
  /** Where `{ "$env": "NAME" }` is looked up. */
  env: Readonly<Record<string, string | undefined>>
}

const root = compileFields(rootFields)
const id = new RegExp(idPattern)

/** Checks a document of any origin. It is accepted or refused as a whole. Ask `result.problems === undefined`. */
export function checkWorkspace(document: unknown, registry: WorkspaceRegistry, options: CheckOptions): WorkspaceCheck {
  const copied = documentToJson(document)
  if (copied.problems !== undefined) return copied
  const problems = new Problems()
  const { values, problems: found } = root.parse(copied.json)
  if (found !== undefined) {
    problems.addFields([], found)
    return { problems: problems.list }
  }
  const owners = new Map<string, string>()
  const sourceEntries = entriesOf('sources', values.sources, problems)
  const sources = sourceEntries.map(([key, value]) => checkSource(key, value, { registry, options, owners, problems }))
  const context = { registry, options, sourceIds: sourceEntries.map(([key]) => key), problems }
  const destinations = entriesOf('destinations', values.destinations, problems).map(([key, value]) =>
    checkDestination(key, value, context),
  )
  checkFormerIds(destinations.filter(isChecked), problems)
  const notifierEntries = entriesOf('notifiers', values.notifiers, problems)
  const notifiers = notifierEntries.map(([key, value]) => checkNotifier(key, value, { registry, options, problems }))
  const ids = {
    source: context.sourceIds,
    destination: Object.keys(values.destinations ?? {}),
    notifier: notifierEntries.map(([key]) => key),
  }
  const alerts = entriesOf('alerts', values.alerts, problems).map(([key, value]) =>
    checkAlert(key, value, { options, ids, problems }),
  )
  const network = checkNetwork(values.network ?? {}, problems)
  const settings = checkSettings(values.settings ?? {}, problems)
  if (problems.list.length > 0) return { problems: problems.list }
  return {
    workspace: {
      sources: byId(sources.filter(isChecked)),
      destinations: byId(destinations.filter(isChecked)),
      notifiers: byId(notifiers.filter(isChecked)),
      alerts: byId(alerts.filter(isChecked)),
      network,
      settings,
    },
  }
}

function entriesOf(part: string, value: JsonObject | undefined, problems: Problems): [string, Json][] {
  const entries = Object.entries(value ?? {})
  for (const [key] of entries) {
    if (id.test(key)) continue
    problems.add(
      [part, key],
      `${JSON.stringify(key)} is no id; write 1 to 64 of a-z, 0-9, "_" and "-", a letter or digit first`,
    )
  }
  return entries
}

const isChecked = <T>(value: T | undefined): value is T => value !== undefined

const byId = <T extends { id: string }>(items: readonly T[]): { [id: string]: T } =>
  Object.fromEntries(items.map((item) => [item.id, item]))
