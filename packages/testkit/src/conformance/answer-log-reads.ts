import type { LogReader, Offset } from '@millrace/storage'
import { answerRequests } from '../child-program.ts'

/** What `answerLogReads` prints for one request. */
export interface LogReadAnswer {
  tail: Offset
  head: Offset
  blocks: { offset: Offset; next: Offset; base64: string }[]
}

/** For an engine's reader program: answers each line `<from> <maxBytes>` with a `LogReadAnswer` as JSON. */
export const answerLogReads = async (reader: LogReader): Promise<void> => {
  await answerRequests(async (request) => {
    const [from, maxBytes] = request.split(' ').map(Number)
    const head = await reader.head()
    const blocks = await reader.read(from as Offset, maxBytes as number)
    const answer: LogReadAnswer = {
      tail: await reader.tail(),
      head,
      blocks: blocks.map(({ offset, next, bytes }) => ({ offset, next, base64: bytes.toString('base64') })),
    }
    return JSON.stringify(answer)
  })
  await reader[Symbol.asyncDispose]()
}
