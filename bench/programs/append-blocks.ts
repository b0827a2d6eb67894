import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject } from '@millrace/protocol'
import { FileEventLog } from '@millrace/storage/engines'
import { blockOf } from '@millrace/testkit'
import { benchMessage, idOf } from '../message.ts'

/**
 * Appends blocks of fifty messages in groups, each group made durable before the next one: plain file and the log, turn by
 * turn. Prints one JSON line for each turn of both.
 *
 *   node append-blocks.ts FOLDER GROUP TURNS SECONDS
 */
const [folder = '', group = '1', turns = '1', seconds = '1'] = process.argv.slice(2)
const MESSAGES = 50
const block = blockOf(
  Array.from({ length: MESSAGES }, (_, at): JsonObject => JSON.parse(JSON.stringify(benchMessage(idOf(at))))),
)
const blocks = Array.from({ length: Number(group) }, () => block)

interface Turn {
  perSecond: number
  cpuMicros: number
}

const repeat = async (appendGroup: () => Promise<unknown>): Promise<Turn> => {
  const before = process.cpuUsage()
  const started = performance.now()
  const end = started + Number(seconds) * 1000
  let groups = 0
  for (; performance.now() < end; groups++) await appendGroup()
  const messages = groups * blocks.length * MESSAGES
  const { user, system } = process.cpuUsage(before)
  return { perSecond: messages / ((performance.now() - started) / 1000), cpuMicros: (user + system) / messages }
}

const plainFile = async (name: string): Promise<Turn> => {
  const file = await open(join(folder, name), 'w')
  let position = 0
  try {
    return await repeat(async () => {
      const { bytesWritten } = await file.writev(blocks, position)
      position += bytesWritten
      await file.datasync()
    })
  } finally {
    await file.close()
  }
}

const eventLog = async (name: string): Promise<Turn> => {
  await using log = await FileEventLog.open({ directory: join(folder, name) })
  return await repeat(() => log.append(blocks))
}

for (let turn = 0; turn < Number(turns); turn++) {
  const file = await plainFile(`plain-${turn}`)
  const log = await eventLog(`log-${turn}`)
  process.stdout.write(`${JSON.stringify({ file, log, blockBytes: block.length })}\n`)
}
