import type { Json } from '@millrace/protocol'
import { alertRules, alertSettings } from '../alerts/alert-rules.ts'
import { checkComponentSettings } from './check-component-settings.ts'
import type { CheckOptions } from './check-workspace.ts'
import { alertFields, notifierFields } from './document-fields.ts'
import type { DocumentPath } from './document-path.ts'
import { parsePart } from './parse-part.ts'
import type { Problems } from './problems.ts'
import type { WorkspaceRegistry } from './registry.ts'
import type { WorkspaceAlert, WorkspaceNotifier } from './workspace.ts'

export function checkNotifier(
  id: string,
  value: Json,
  { registry, options, problems }: { registry: WorkspaceRegistry; options: CheckOptions; problems: Problems },
): WorkspaceNotifier | undefined {
  const path: DocumentPath = ['notifiers', id]
  const types = registry.notifiers ?? {}
  const declared = { ...notifierFields, type: { ...notifierFields.type, choices: Object.keys(types) } }
  const values = parsePart(declared, value, path, problems)
  if (values === undefined) return undefined
  const { type, name = id, settings = {} } = values
  const fields = types[type]?.settings ?? {}
  return {
    id,
    type,
    name,
    settings: checkComponentSettings(fields, settings, [...path, 'settings'], options, problems),
  }
}

/** Checks one alert. `ids` are those of the document. */
export function checkAlert(
  id: string,
  value: Json,
  context: {
    options: CheckOptions
    ids: { source: string[]; destination: string[]; notifier: string[] }
    problems: Problems
  },
): WorkspaceAlert | undefined {
  const { options, ids, problems } = context
  const path: DocumentPath = ['alerts', id]
  const declared = {
    ...alertFields,
    type: { ...alertFields.type, choices: Object.keys(alertRules) },
    notify: { ...alertFields.notify, choices: ids.notifier },
  }
  const values = parsePart(declared, value, path, problems)
  const rule = values && alertRules[values.type]
  if (values === undefined || rule === undefined) return undefined
  const { type, name = id, enabled, notify, forMs, reminderMs } = values
  const fields = alertSettings(rule, ids)
  const settings = checkComponentSettings(fields, values.settings ?? {}, [...path, 'settings'], options, problems)
  const chosen = settings[rule.subject === 'source' ? 'sources' : 'destinations'] as string[] | undefined
  return {
    id,
    type,
    name,
    enabled,
    settings,
    subjects: [...new Set(chosen ?? ids[rule.subject])],
    notify: [...new Set(notify)],
    forMs,
    ...(reminderMs !== undefined && { reminderMs }),
  }
}
