import { compileFields } from '@millrace/component-kit'
import type { Fields } from '@millrace/component-kit'
import type { Json } from '@millrace/protocol'
import type { Problems } from './problems.ts'
import { settingsGroups } from './settings.ts'
import type { WorkspaceSettings } from './workspace.ts'

/** The groups as fields, so that an unknown group is found like an unknown field. */
const groupFields: Fields = Object.fromEntries(
  Object.keys(settingsGroups).map((name) => [
    name,
    { type: 'object', label: name, description: `Settings of ${name}.`, example: {} },
  ]),
)
const groupsParser = compileFields(groupFields)
const parsers = Object.entries(settingsGroups).map(([name, fields]) => ({ name, parser: compileFields(fields) }))

/** The workspace's own settings. What is absent has its default. */
export function checkSettings(value: Json, problems: Problems): WorkspaceSettings {
  const groups = groupsParser.parse(value)
  problems.addFields(['settings'], groups.problems ?? [])
  const settings: Record<string, unknown> = {}
  for (const { name, parser } of parsers) {
    const { values, problems: found } = parser.parse(groups.values?.[name] ?? {})
    if (found === undefined) settings[name] = values
    else problems.addFields(['settings', name], found)
  }
  // Each group was parsed by its own declaration; where one has a problem nobody gets the result.
  return settings as WorkspaceSettings
}
