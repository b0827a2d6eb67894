import { MillraceError } from '@millrace/protocol'
import type { WorkspaceProblem } from '../workspace/check-workspace.ts'
import type { ApplyPlan } from './apply-plan.ts'
import type { Changes } from './changes.ts'

/** A document with problems. */
export function invalidWorkspace(problems: readonly WorkspaceProblem[], stays: boolean): MillraceError {
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `
  const consequence = stays ? ' The version in force stays.' : ''
  return new MillraceError(
    'invalid_workspace',
    `The workspace is refused: ${where}${first?.message ?? ''}${more}.${consequence}`,
    { errors: problems.map(({ path, message }) => ({ path, reason: message })) },
  )
}

/** A removal that would give up messages, and that nobody confirmed; undefined when there is none. */
export function unconfirmedRemoval({ removed }: ApplyPlan, confirm: readonly string[]): MillraceError | undefined {
  const open = removed.filter(({ id, backlog }) => backlog > 0 && !confirm.includes(id))
  if (open.length === 0) return undefined
  const list = open.map(({ id, backlog }) => `"${id}" (${backlog} messages wait)`).join(', ')
  return new MillraceError(
    'conflict',
    `Removing ${list} makes its messages dead. Confirm with its id in "confirm", name the former id of a renamed destination in "formerId", or wait until all is delivered.`,
    {
      errors: open.map(({ id, backlog }) => ({
        path: `destinations.${id}`,
        reason: `${backlog} messages wait for it; removing it makes them dead(removed)`,
      })),
    },
  )
}

/** A document that is not the one of the configuration file. `changes` lead from the file to the document. */
export function notTheFile(changes: Changes): MillraceError {
  return new MillraceError(
    'conflict',
    'The workspace comes from the configuration file, and this document differs from it. Change the file, then reload.',
    {
      errors: changes.map(({ path, from, to }) => ({
        path,
        reason: `the file has ${shown(from)}, the document ${shown(to)}`,
      })),
    },
  )
}

export const versionMoved = (expected: number, actual: number): MillraceError =>
  new MillraceError(
    'conflict',
    `Version ${actual} is in force, not ${expected}: someone changed the workspace meanwhile. Read it again and repeat the change.`,
  )

export const unknownVersion = (version: number): MillraceError =>
  new MillraceError('not_found', `There is no version ${version} of the workspace; list them to see which there are.`)

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`
}
