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

/** Names a dead letter within its destination. */
export const toLetterId = (place: Cursor, action: string): string => `${toPosition(place)}:${action}`

/** Throws `invalid_request` when the text is no id of a dead letter. */
export const fromLetterId = (id: string): { place: Cursor; action: string } => {
  const match = /^(\d{1,16}:\d{1,6}):(.+)$/s.exec(id)
  if (!match) {
    throw new MillraceError(
      'invalid_request',
      `"${id.slice(0, 100)}" is no id of a dead letter; the list of dead letters shows them, such as 4096:3:send`,
    )
  }
  return { place: fromPosition(match[1] as string), action: match[2] as string }
}
