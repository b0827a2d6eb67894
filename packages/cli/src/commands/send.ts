import type { ApiClient } from '@millrace/api-client'
import { messageTypes } from '@millrace/protocol'
import { randomUUID } from 'node:crypto'
import { defineCommand } from '../command.ts'
import type { CliContext } from '../context.ts'
import { CommandFailure, UsageError } from '../failure.ts'
import { messageOf, messageOptions } from '../message-options.ts'
import { Progress } from '../progress.ts'
import { sendFile } from '../send-file.ts'
import { connect, serverUrl } from '../server-address.ts'
import { TrackingClient } from '../tracking-client.ts'

export const send = defineCommand({
  name: 'send',
  summary: 'Send a message, or a file of them, as a client would.',
  description:
    'Sends in strict mode: what the server refuses is shown with its path. Messages of a file without a messageId get ' +
    'one, so a request that is sent again makes no second copy.',
  argument: { name: 'type', description: `One of ${messageTypes.join(', ')}; not with --file.`, required: false },
  options: {
    ...messageOptions,
    file: { type: 'string', value: 'FILE', description: 'Messages as JSON lines; - reads the standard input.' },
    'write-key': { type: 'string', value: 'KEY', description: "Default: that of the workspace's first source." },
  },
  examples: [
    {
      title: 'A track message',
      command: `millrace send track --event 'Signed Up' --user u1 --properties '{"plan":"pro"}'`,
    },
    { title: 'Who a user is', command: `millrace send identify --user u1 --traits '{"email":"ada@example.com"}'` },
    { title: 'A file of messages', command: 'millrace send --file messages.ndjson' },
  ],
  async run({ context, values, argument: type }) {
    if ((type === undefined) === (values.file === undefined)) {
      throw new UsageError(`Name either a type (${messageTypes.join(', ')}) or a file with --file.`)
    }
    const message = type === undefined ? undefined : { messageId: randomUUID(), ...messageOf(type, values) }
    const client = new TrackingClient({
      url: await serverUrl({ context, values }),
      writeKey: values['write-key'] ?? (await firstWriteKey(await connect({ context, values }))),
      signal: context.signal,
    })
    if (message === undefined) return await sendAll(context, client, values.file ?? '-', values.json)
    await client.post(`/v1/${type}`, message)
    context.stdout.write(
      values.json
        ? `${JSON.stringify({ messageId: message.messageId })}\n`
        : `Accepted. Follow it with: millrace trace ${message.messageId}\n`,
    )
    return 0
  },
})

async function sendAll(context: CliContext, client: TrackingClient, file: string, isJson: boolean): Promise<number> {
  const progress = new Progress(context.stderr, 'Sent messages')
  const accepted = await sendFile(context, client, file, (done) => progress.update(done)).finally(() => progress.end())
  context.stdout.write(isJson ? `${JSON.stringify({ accepted })}\n` : `Accepted ${accepted} messages.\n`)
  return 0
}

async function firstWriteKey(client: ApiClient): Promise<string> {
  const { document } = await client.workspace()
  const sources = Object.values((document['sources'] ?? {}) as { [id: string]: { writeKeys?: readonly unknown[] } })
  const key = sources.flatMap(({ writeKeys }) => writeKeys ?? []).find((value) => typeof value === 'string')
  if (typeof key === 'string') return key
  throw new CommandFailure('The workspace shows no source with a write key. Give one with --write-key.')
}
