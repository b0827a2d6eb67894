import { snippetClientsOf, snippetLanguages, snippetOf } from '@millrace/api-client'
import type { SnippetClient, SnippetLanguage, WorkspaceAnswer } from '@millrace/api-client'
import { isJsonObject } from '@millrace/protocol'
import type { Json } from '@millrace/protocol'
import { defineCommand } from '../command.ts'
import { CommandFailure, UsageError } from '../failure.ts'
import { connect, serverUrl } from '../server-address.ts'

const languages = Object.keys(snippetLanguages) as SnippetLanguage[]

export const snippet = defineCommand({
  name: 'snippet',
  summary: 'Print code that sends from a page or a program, with host and write key filled in.',
  description:
    'The code goes to the standard output, what it needs to be installed to the error output. The host is `network.publicUrl` ' +
    'of the workspace, else the address of the server.',
  options: {
    source: { type: 'string', value: 'ID', description: 'The source that the messages are to have. Required.' },
    lang: { type: 'string', value: 'NAME', description: `One of: ${languages.join(', ')}. Required.` },
    client: {
      type: 'string',
      value: 'NAME',
      description: 'Whose client: millrace, segment or customerio, as far as the language has it.',
    },
    host: { type: 'string', value: 'URL', description: 'Another address at which clients reach the server.' },
  },
  examples: [
    { title: 'For the head of a page', command: 'millrace snippet --source web --lang js' },
    { title: 'Send two messages at once', command: 'millrace snippet --source web --lang curl | sh' },
    {
      title: 'With the client that you have',
      command: 'millrace snippet --source web --lang python --client customerio > send.py',
    },
  ],
  async run({ context, values }) {
    const language = languages.find((each) => each === values.lang)
    if (language === undefined) throw new UsageError(`--lang ${values.lang ?? ''} is none of: ${languages.join(', ')}.`)
    const answer = await (await connect({ context, values })).workspace()
    const source = sourceIn(answer, values.source)
    const client = clientFor(language, values.client, source)
    const host = (values.host ?? publicUrlIn(answer) ?? (await serverUrl({ context, values }))).replace(/\/+$/, '')
    const found = snippetOf(language, client, { host, writeKey: source.writeKey })
    // `clientFor` gives only clients of the language.
    if (found === undefined) throw new UsageError(`There is no code for --lang ${language} --client ${client}.`)
    if (values.json) {
      context.stdout.write(`${JSON.stringify({ source: source.id, host, ...found })}\n`)
      return 0
    }
    if (found.install !== undefined) context.stderr.write(`Needs: ${found.install}\n`)
    context.stdout.write(found.code)
    return 0
  },
})

interface SnippetSource {
  id: string
  writeKey: string
  browserScript: Json | undefined
}

/** Throws `UsageError` with the ids that there are, and `CommandFailure` for a source without a key. */
function sourceIn({ document }: WorkspaceAnswer, id: string | undefined): SnippetSource {
  const sources = objectIn(document['sources'])
  const ids = Object.keys(sources)
  const known = ids.length === 0 ? 'The workspace has none.' : `There are: ${ids.join(', ')}.`
  if (id === undefined) throw new UsageError(`--source is missing. ${known}`)
  if (!Object.hasOwn(sources, id)) throw new UsageError(`There is no source "${id}". ${known}`)
  const { writeKeys, settings } = objectIn(sources[id])
  const writeKey = Array.isArray(writeKeys) ? writeKeys[0] : undefined
  if (typeof writeKey !== 'string') throw new CommandFailure(`The source "${id}" has no write key. Give it one.`)
  return { id, writeKey, browserScript: objectIn(settings)['browserScript'] }
}

/** The client that was asked for, else the first of the language; of a page that of the script which the source serves. */
function clientFor(language: SnippetLanguage, asked: string | undefined, source: SnippetSource): SnippetClient {
  const clients = snippetClientsOf(language)
  const client = clients.find((each) => each === (asked ?? (language === 'js' ? source.browserScript : undefined)))
  if (asked !== undefined && client === undefined) {
    throw new UsageError(`--lang ${language} has no client "${asked}". It has: ${clients.join(', ')}.`)
  }
  if (language === 'js' && client === 'segment' && source.browserScript === 'customerio') {
    throw new CommandFailure(
      `The source "${source.id}" serves Customer.io's script where Segment's snippet looks. ` +
        'Take --client customerio, or set "browserScript" of the source to "segment".',
    )
  }
  // Every language has a client.
  return client ?? (clients[0] as SnippetClient)
}

function publicUrlIn({ document }: WorkspaceAnswer): string | undefined {
  const { publicUrl } = objectIn(document['network'])
  return typeof publicUrl === 'string' ? publicUrl : undefined
}

const objectIn = (value: Json | undefined): { readonly [name: string]: Json } => (isJsonObject(value) ? value : {})
