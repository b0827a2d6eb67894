import { ApiError } from '@millrace/api-client'
import { isJsonObject } from '@millrace/protocol'
import type { Json, JsonObject } from '@millrace/protocol'
import { randomUUID } from 'node:crypto'
import type { CliContext } from './context.ts'
import { CommandFailure } from './failure.ts'
import { readLines } from './read-lines.ts'
import type { TrackingClient } from './tracking-client.ts'

// Well below the server's defaults (2,500 messages, 4 MB), so that a batch fits a server with stricter limits.
const maxBatchMessages = 250
const maxBatchBytes = 1_000_000

interface Line {
  number: number
  message: JsonObject
}

/**
 * Sends a file of JSON lines in batches, one after the other, and gives how many messages were accepted. Throws at the
 * first line that cannot be read or is refused, naming it; the batches before it are accepted by then.
 */
export async function sendFile(
  context: CliContext,
  client: TrackingClient,
  file: string,
  onProgress: (accepted: number) => void,
): Promise<number> {
  let accepted = 0
  let lines: Line[] = []
  let bytes = 0
  const flush = async () => {
    if (lines.length === 0) return
    await sendBatch(client, lines, file, accepted)
    accepted += lines.length
    onProgress(accepted)
    lines = []
    bytes = 0
  }
  let number = 0
  for await (const text of readLines(context, file)) {
    number += 1
    if (text.trim() === '') continue
    const size = Buffer.byteLength(text)
    if (lines.length === maxBatchMessages || bytes + size > maxBatchBytes) await flush()
    lines.push({ number, message: parseLine(text, file, number, accepted) })
    bytes += size
  }
  await flush()
  return accepted
}

function parseLine(text: string, file: string, number: number, accepted: number): JsonObject {
  let value: Json | undefined
  try {
    value = JSON.parse(text) as Json
  } catch {
    value = undefined
  }
  if (!isJsonObject(value)) {
    const start = text.slice(0, 60)
    throw new CommandFailure(
      `Line ${number} of ${file} is not a JSON object: ${start}. ${soFar(accepted)} Mend the line and send the rest.`,
    )
  }
  return 'messageId' in value ? value : { messageId: randomUUID(), ...value }
}

async function sendBatch(
  client: TrackingClient,
  lines: readonly Line[],
  file: string,
  accepted: number,
): Promise<void> {
  try {
    await client.post('/v1/batch', { batch: lines.map(({ message }) => message) })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const first = lines[0]?.number ?? 0
    const last = lines.at(-1)?.number ?? 0
    const message = `Lines ${first} to ${last} of ${file} were refused: ${error.message} ${soFar(accepted)}`
    const errors = error.errors.map(({ path, reason }) => ({ path: lineOf(path, lines), reason }))
    throw new ApiError({ code: error.code, status: error.status, message, errors }, { cause: error })
  }
}

/** `batch[3].event` as `line 17: event`. */
function lineOf(path: string, lines: readonly Line[]): string {
  const [, index, rest] = /^batch\[(\d+)\]\.?(.*)$/.exec(path) ?? []
  const line = index === undefined ? undefined : lines[Number(index)]
  if (line === undefined) return path
  return `line ${line.number}${rest === undefined || rest === '' ? '' : ` ${rest}`}`
}

const soFar = (accepted: number): string =>
  accepted === 0 ? 'Nothing was accepted.' : `The ${accepted} messages before were accepted.`
