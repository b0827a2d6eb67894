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

/** Checks a document of any origin. It is accepted or refused as a whole. Ask `result.problems === undefined`. */
export function checkWorkspace(document: unknown, registry: WorkspaceRegistry, options: CheckOptions): WorkspaceCheck {
  void [document, registry, options]
  return { problems: [{ path: '', message: 'not built yet' }] }
}
