import { MillraceError } from '@millrace/protocol'
import type { Position } from '@millrace/protocol'
import type { Cursor } from '@millrace/storage'

/** Places in the log as the API shows them. */
export const toPosition = ({ block, index }: Cursor): Position => `${block}:${index}`

/** Throws `invalid_request` when the text is no position. */
export const fromPosition = (position: Position): Cursor => {
  const match = /^(\d{1,16}):(\d{1,6})$/.exec(position)
  if (!match) {
    throw new MillraceError(
      'invalid_request',
      `"${position}" is not a position; use one that the API gave out, such as 0:0`,
    )
  }
  return { block: Number(match[1]), index: Number(match[2]) }
}
