import { isDeepStrictEqual } from 'node:util'
import type { Cursor } from '@millrace/storage'
import type { Workspace, WorkspaceDestination } from '../workspace/workspace.ts'
import type { DestinationStart } from './active-version.ts'
import type { ApplyPlan } from './apply-plan.ts'

/** The version in force, as far as a plan needs it. */
export interface Previous {
  version: number
  starts: { readonly [id: string]: DestinationStart }
  /** Undefined when the stored document can no longer be loaded: then every destination that stays counts as changed. */
  destinations: Workspace['destinations'] | undefined
}

export interface LogPlaces {
  head(): Promise<Cursor>
  cursorAt(timeMs: number): Promise<Cursor>
  backlog(destinationId: string): Promise<number>
}

/** What putting `workspace` in the place of the version in force does to the destinations. Changes nothing. */
export async function planApply(
  previous: Previous | undefined,
  workspace: Workspace,
  places: LogPlaces,
): Promise<ApplyPlan> {
  const before = previous?.starts ?? {}
  const after = Object.values(workspace.destinations)
  const at = await places.head()
  const formerOf = (destination: WorkspaceDestination): string | undefined => {
    const { id, formerId } = destination
    if (Object.hasOwn(before, id)) return id
    return formerId !== undefined && Object.hasOwn(before, formerId) ? formerId : undefined
  }
  const added: { id: string; start: Cursor }[] = []
  const changed: string[] = []
  const renamed: { from: string; to: string }[] = []
  for (const destination of after) {
    const former = formerOf(destination)
    if (former === undefined) {
      const { id, startAt } = destination
      added.push({ id, start: startAt === undefined ? at : await places.cursorAt(startAt) })
      continue
    }
    if (former !== destination.id) renamed.push({ from: former, to: destination.id })
    if (differs(previous?.destinations?.[former], destination)) changed.push(destination.id)
  }
  const kept = new Set(after.map(formerOf))
  const removed: { id: string; backlog: number }[] = []
  for (const id of Object.keys(before)) {
    if (!kept.has(id)) removed.push({ id, backlog: await places.backlog(id) })
  }
  return { version: (previous?.version ?? 0) + 1, at, workspace, added, changed, removed, renamed }
}

/** Since when each destination takes part, after the plan. */
export function startsAfter(previous: Previous | undefined, plan: ApplyPlan): { [id: string]: DestinationStart } {
  const added = new Map(plan.added.map(({ id, start }) => [id, { start, since: plan.version }]))
  const former = new Map(plan.renamed.map(({ from, to }) => [to, from]))
  const starts: { [id: string]: DestinationStart } = {}
  for (const id of Object.keys(plan.workspace.destinations)) {
    const start = added.get(id) ?? previous?.starts[former.get(id) ?? id]
    if (start === undefined) throw new Error(`the destination "${id}" has no start; a stored version is damaged`)
    starts[id] = start
  }
  return starts
}

/** The id, and what matters only once (former id, start), do not count as changes. */
function differs(before: WorkspaceDestination | undefined, after: WorkspaceDestination): boolean {
  if (before === undefined) return true
  const { id: _, formerId: _former, startAt: _start, ...rest } = before
  return Object.entries({ ...rest }).some(([key, value]) => !isDeepStrictEqual(value, after[key as keyof typeof rest]))
}
