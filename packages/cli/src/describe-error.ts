import { ApiError } from '@millrace/api-client'
import type { PathError } from '@millrace/protocol'
import { CommandFailure, UsageError } from './failure.ts'
import { printable } from './table.ts'

export interface ErrorDescription {
  code: string
  message: string
  errors: readonly PathError[]
}

/** What to tell of an error that a user can act on; undefined for a defect of ours, whose stack is needed. */
export function describeError(error: unknown, dataFolder: string): ErrorDescription | undefined {
  if (error instanceof UsageError) return { code: 'usage', message: error.message, errors: [] }
  if (error instanceof CommandFailure) return { code: 'failed', message: error.message, errors: [] }
  if (!(error instanceof ApiError)) return undefined
  const { code, errors } = error
  return { code, message: `${error.message}${remedies[code]?.(dataFolder) ?? ''}`, errors }
}

/** The description as lines for people. */
export const errorText = ({ message, errors }: ErrorDescription): string =>
  [...message.split('\n'), ...errors.map(({ path, reason }) => `  ${path === '' ? '(document)' : path}: ${reason}`)]
    .map((line) => `${printable(line)}\n`)
    .join('')

const remedies: { readonly [code: string]: (dataFolder: string) => string } = {
  unreachable: (data) => ` Start it with: millrace start --data ${data}, or name another one with --data or --port.`,
  unauthorized: (data) => ` Is ${data} the data folder of that server? Name it with --data.`,
}
