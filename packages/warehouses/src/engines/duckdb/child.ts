/**
 * The process that owns one DuckDB file. DuckDB keeps its memory and its crashes to itself here, and flattening messages does
 * not take the time of the delivery process. Arguments: file, destination id, naming. File descriptor 3 carries the frames
 * (see frames.ts); when it closes, the session is gone, and so is this process, at once: an open transaction never happened.
 */
import { Socket } from 'node:net'
import type { Message } from '@millrace/protocol'
import type { Naming } from '../../layout/naming.ts'
import { openDatabase } from './database.ts'
import { createCursorTable } from './cursor.ts'
import { encodeFrame, type Frame, FrameReader, type Request, type Response } from './frames.ts'
import { Loader } from './loader.ts'
import { runQuery } from './query.ts'

const [path = '', destination = '', naming = 'segment'] = process.argv.slice(2)
const pipe = new Socket({ fd: 3, readable: true, writable: true })

const start = async () => {
  const database = await openDatabase(path)
  const writer = await database.connect()
  await createCursorTable(writer)
  const reader = await database.connect()
  return {
    loader: await Loader.create(writer, destination, naming as Naming),
    reader,
    close: () => {
      reader.closeSync()
      writer.closeSync()
      database.closeSync()
    },
  }
}

function* messagesOf(schemas: readonly (readonly [string, number])[], body: Buffer) {
  let from = 0
  for (const [schema, count] of schemas) {
    for (let i = 0; i < count; i++) {
      const end = body.indexOf(10, from)
      yield { schema, message: JSON.parse(body.toString('utf8', from, end)) as Message }
      from = end + 1
    }
  }
}

type Session = Awaited<ReturnType<typeof start>>

const answer = async (session: Session, { head, body }: Frame<Request>): Promise<unknown> => {
  switch (head.op) {
    case 'cursor':
      return session.loader.cursor()
    case 'load':
      return session.loader.load(messagesOf(head.schemas, body), head.next)
    case 'query':
      return runQuery(session.reader, head.sql, head)
    default:
      return session.close()
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** DuckDB refuses all work after an error of this kind; a new process replays the log and goes on. */
const isFatal = (message: string): boolean => /^FATAL Error|database has been invalidated/i.test(message)

const respond = (response: Response, then?: () => void): void => {
  pipe.cork()
  for (const part of encodeFrame(response)) pipe.write(part)
  pipe.write('', then)
  pipe.uncork()
}

const starting = start()
starting.catch((error: unknown) => respond({ ok: false, message: messageOf(error) }, () => process.exit(1)))

const serve = async (frame: Frame<Request>): Promise<void> => {
  const session = await starting
  try {
    const result = await answer(session, frame)
    if (frame.head.op === 'close') process.exit(0)
    respond({ ok: true, result })
  } catch (error) {
    const message = messageOf(error)
    respond({ ok: false, message }, isFatal(message) ? () => process.exit(1) : undefined)
  }
}

const frames = new FrameReader<Request>()
let queue: Promise<unknown> = starting
pipe.on('data', (chunk: Buffer) => {
  for (const frame of frames.push(chunk)) queue = queue.then(() => serve(frame))
})
pipe.on('error', () => pipe.destroy())
pipe.on('close', () => process.kill(process.pid, 'SIGKILL'))
