import type { WorkspaceChange } from '@millrace/api-client'
import type { JsonObject } from '@millrace/protocol'
import { userInfo } from 'node:os'
import { defineCommand } from '../command.ts'
import { CommandFailure } from '../failure.ts'
import { connect } from '../server-address.ts'
import { readServerProgram } from '../server-program.ts'
import { printable } from '../table.ts'
import type { CliContext } from '../context.ts'

export const apply = defineCommand({
  name: 'apply',
  summary: 'Make a workspace document the one in force.',
  description:
    'Without --config the server reads the file again that it was started with. A bad document is refused whole and the ' +
    'running version stays. Removing a destination that messages still wait for must be confirmed: they become dead.',
  options: {
    config: { type: 'string', value: 'FILE', description: 'The document, for a server that was started without one.' },
    confirm: {
      type: 'string',
      value: 'ID',
      many: true,
      description: 'A destination that may be removed with its backlog.',
    },
  },
  examples: [
    { title: 'After the file of the server was changed', command: 'millrace apply' },
    { title: 'A document for a server that keeps its own', command: 'millrace apply --config millrace.config.ts' },
    { title: 'Remove a destination with a backlog', command: 'millrace apply --confirm old_webhook' },
  ],
  async run({ context, values }) {
    const client = await connect({ context, values })
    const by = `cli:${userName()}`
    const change =
      values.config === undefined
        ? await client.reloadWorkspace({ by, confirm: values.confirm })
        : await client.putWorkspace({
            document: await readDocument(context, values.config),
            by,
            confirm: values.confirm,
          })
    if (values.json) {
      context.stdout.write(`${JSON.stringify(change)}\n`)
      return 0
    }
    context.stdout.write(`${effectText(change)}\n`)
    return 0
  },
})

/** Read by the server's program, which knows all formats: the command line must not read them a second way. */
async function readDocument(context: CliContext, file: string): Promise<JsonObject> {
  const { exitCode, output } = await readServerProgram(context, ['document', '--config', file])
  if (exitCode !== 0) throw new CommandFailure(`Nothing was applied: ${file} cannot be read.`)
  return JSON.parse(output) as JsonObject
}

function effectText({ applied, version, added, changed, removed, renamed }: WorkspaceChange): string {
  if (!applied) return `Nothing to do: the document is version ${version}, which is in force.`
  const lines = [
    `Version ${version} is in force.`,
    ...added.map((id) => `  added ${id}`),
    ...changed.map((id) => `  changed ${id}`),
    ...renamed.map(({ from, to }) => `  renamed ${from} to ${to}`),
    ...removed.map(
      ({ id, backlog }) => `  removed ${id}${backlog > 0 ? `; ${backlog} messages that waited for it are dead` : ''}`,
    ),
  ]
  return lines.map((line) => printable(line)).join('\n')
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
