import type { Json } from '@millrace/protocol'
import { checkComponentSettings } from './check-component-settings.ts'
import type { CheckOptions } from './check-workspace.ts'
import { sourceFields, writeKeyPattern } from './document-fields.ts'
import type { DocumentPath } from './document-path.ts'
import { parsePart } from './parse-part.ts'
import type { Problems } from './problems.ts'
import type { WorkspaceRegistry } from './registry.ts'
import type { WorkspaceSource } from './workspace.ts'

const writeKey = new RegExp(writeKeyPattern)

/** Checks one source. `owners` holds the write keys seen so far, and is added to. */
export function checkSource(
  id: string,
  value: Json,
  context: { registry: WorkspaceRegistry; options: CheckOptions; owners: Map<string, string>; problems: Problems },
): WorkspaceSource | undefined {
  const { registry, options, owners, problems } = context
  const path: DocumentPath = ['sources', id]
  const choices = Object.keys(registry.sources)
  const declared = { ...sourceFields, type: { ...sourceFields.type, choices } }
  const values = parsePart(declared, value, path, problems)
  if (values === undefined) return undefined
  checkWriteKeys(id, values.writeKeys, owners, problems)
  const fields = registry.sources[values.type]?.settings ?? {}
  const settings = checkComponentSettings(fields, values.settings ?? {}, [...path, 'settings'], options, problems)
  const { type, name = id, writeKeys, enabled } = values
  return { id, type, name, writeKeys, enabled, settings }
}

function checkWriteKeys(id: string, keys: readonly string[], owners: Map<string, string>, problems: Problems): void {
  if (keys.length === 0) {
    problems.add(['sources', id, 'writeKeys'], 'needs a key; to stop the source, set "enabled" to false')
  }
  for (const [index, key] of keys.entries()) {
    const path = ['sources', id, 'writeKeys', index]
    const owner = owners.get(key)
    if (owner !== undefined) {
      const where = owner === id ? 'is listed twice' : `is also a write key of the source "${owner}"`
      problems.add(path, `${where}; each key belongs to one source, once`)
    } else if (!writeKey.test(key)) {
      problems.add(path, 'must be 1 to 200 visible ASCII characters without a colon, as in "wk_web"')
    }
    owners.set(key, owner ?? id)
  }
}
