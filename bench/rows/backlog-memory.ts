import { generate } from '../generate.ts'
import { memoryOf } from '../process-family.ts'
import type { Memory } from '../process-family.ts'
import { unusedPort, webhook } from '../receiver.ts'
import type { Row } from '../row.ts'
import { startServer } from '../server-under-test.ts'

/**
 * Memory of all processes of the server while messages wait for a receiver that is down. The limit is the same server before its
 * first message. RssAnon is what only these processes can use; RssFile is file cache that the system drops when it needs it.
 */
export const backlogMemoryRow: Row = {
  name: 'memory',
  title: 'Memory with a backlog, webhook receiver down',
  run: async (run) => {
    const messages = run.quick ? 200_000 : 5_000_000
    const port = await unusedPort()
    await using server = await startServer({ destinations: { hook: webhook(port) }, ingestProcesses: 0 })
    const empty = memoryOf(server.pid)
    const samples: Memory[] = []
    const timer = setInterval(() => samples.push(memoryOf(server.pid)), 500)
    try {
      const part = messages / 10
      for (let done = 0; done < messages; done += part) {
        const load = { port: server.port, batch: 50, connections: 32, messages: part, first: done, small: true }
        const { perSecond } = await generate(load, undefined)
        const now = megabytes(memoryOf(server.pid).anonymousBytes)
        run.progress(`${done + part} messages accepted, ${Math.round(perSecond)}/s, RssAnon ${Math.round(now)} MB`)
      }
      await server.settled(messages, { timeoutMs: 300_000, pending: messages })
    } finally {
      clearInterval(timer)
    }
    const pending = memoryOf(server.pid)
    const peak = Math.max(pending.anonymousBytes, ...samples.map(({ anonymousBytes }) => anonymousBytes))
    const parts = Object.entries(pending.anonymousBytesByProcess).map(
      ([name, bytes]) => `${name} ${Math.round(megabytes(bytes))}`,
    )
    return [
      {
        what: `RssAnon, ${messages} messages pending`,
        unit: 'MB',
        value: megabytes(pending.anonymousBytes),
        limit: { what: 'the server just started', value: megabytes(empty.anonymousBytes) },
        target: { of: 'value', lessThan: 400 },
        notes: [
          `By process, MB: ${parts.join(', ')}.`,
          `RssFile beside it: ${Math.round(megabytes(pending.fileBytes))} MB (just started: ${Math.round(megabytes(empty.fileBytes))}).`,
          'These messages have about 300 bytes, to bound the disk space of the row.',
        ],
      },
      {
        what: 'RssAnon, the most while they were accepted',
        unit: 'MB',
        value: megabytes(peak),
        limit: { what: 'the server just started', value: megabytes(empty.anonymousBytes) },
        target: { of: 'value', lessThan: 400 },
      },
    ]
  },
}

const megabytes = (bytes: number): number => bytes / 1e6
