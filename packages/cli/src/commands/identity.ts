import type { ApiClient } from '@millrace/api-client'
import { isJsonObject } from '@millrace/protocol'
import type { JsonObject } from '@millrace/protocol'
import type { CliContext } from '../context.ts'
import { readJsonFile } from '../read-json-file.ts'
import { defineCommand } from '../command.ts'
import { drawRulesTrial } from '../draw-rules-trial.ts'
import { drawCuts, drawProfile } from '../draw-profile.ts'
import { CommandFailure, UsageError } from '../failure.ts'
import { paintFor } from '../paint.ts'
import { connect } from '../server-address.ts'

const verbs = ['explain', 'undo', 'redo', 'cuts', 'try'] as const

export const identity = defineCommand({
  name: 'identity',
  summary: 'Explain who somebody is, by any identifier; undo a link that joined two people.',
  description:
    'Two identifiers that stand in one message are linked, and linked identifiers are one profile, as far as the rules allow. ' +
    '`explain` shows the profile of an identifier with each link: the message that made it, or why it was refused. ' +
    '`undo` cuts the link between two identifiers: profiles follow at once, and messages that name both do not join them again, until `redo`. ' +
    '`try` says what other rules would change, and changes nothing.',
  argument: { name: 'what', description: `${verbs.join(', ')}.`, required: true },
  subject: {
    name: 'identifier',
    description: 'type:value, such as userId:u-7; a value alone; or a profile id. `cuts` and `try` take none.',
    required: false,
  },
  options: {
    and: { type: 'string', value: 'IDENTIFIER', description: 'The other end of the link, for undo and redo.' },
    from: { type: 'string', value: 'TIME', description: 'Undo evidence from this time on only, ISO 8601.' },
    rules: {
      type: 'string',
      value: 'FILE',
      description: 'For try: rules as JSON, as they would stand in `settings.identity` of the workspace.',
    },
    reason: { type: 'string', value: 'TEXT', description: 'Why it is undone, for those who look at it later.' },
    by: { type: 'string', value: 'NAME', env: 'USER', description: 'Who undoes it.' },
  },
  examples: [
    { title: 'Why are these one person?', command: 'millrace identity explain userId:u-7' },
    {
      title: 'Two people had shared a tablet',
      command: 'millrace identity undo userId:u-7 --and anonymousId:a-1 --reason "shared tablet"',
    },
    { title: 'What was undone', command: 'millrace identity cuts' },
    { title: 'Other rules, before they are applied', command: 'millrace identity try --rules new.json' },
  ],
  async run({ context, values, argument, subject }) {
    const verb = verbs.find((each) => each === argument)
    if (verb === undefined) throw new UsageError(`"${argument}" is none of: ${verbs.join(', ')}.`)
    const client = await connect({ context, values })
    const paint = paintFor(context.stdout, context.env)
    const print = (value: unknown, drawn: () => string): void =>
      void context.stdout.write(values.json ? `${JSON.stringify(value)}\n` : drawn())
    if (verb === 'cuts') {
      const answer = await client.identityCuts()
      print(answer, () => drawCuts(answer.cuts))
      return 0
    }
    if (verb === 'try') {
      const answer = await client.tryIdentityRules(await readRules(context, values.rules))
      print(answer, () => drawRulesTrial(answer))
      return 0
    }
    if (subject === undefined) throw new UsageError(`Say who: millrace identity ${verb} userId:u-7`)
    if (verb === 'explain') {
      const answer = await client.profile(subject)
      print(answer, () => drawProfile(answer, paint))
      return 0
    }
    const { and, from, reason, by } = values
    if (and === undefined) throw new UsageError(`Say which link: millrace identity ${verb} ${subject} --and IDENTIFIER`)
    if (verb === 'redo') {
      const cut = await client.uncutIdentity(await cutBetween(client, subject, and))
      print(cut, () => `The link between ${cut.a} and ${cut.b} counts again.\n`)
      return 0
    }
    const cut = await client.cutIdentity({
      a: subject,
      b: and,
      ...(from !== undefined && { from }),
      ...(by !== undefined && { by }),
      ...(reason !== undefined && { reason }),
    })
    print(cut, () => `The link between ${cut.a} and ${cut.b} is undone; to take that back: millrace identity redo\n`)
    return 0
  },
})

async function readRules(context: CliContext, file: string | undefined): Promise<JsonObject> {
  if (file === undefined) throw new UsageError('Say which rules: millrace identity try --rules FILE')
  const rules = await readJsonFile(context, file)
  if (isJsonObject(rules)) return rules
  throw new CommandFailure(`${file} holds no rules: they are a JSON object, such as {"maxAnonymousIds": 50}.`)
}

/** The id of the cut between two identifiers, in whichever order they are named. */
async function cutBetween(client: ApiClient, one: string, other: string): Promise<string> {
  const { cuts } = await client.identityCuts()
  const cut = cuts.find(({ a, b }) => (a === one && b === other) || (a === other && b === one))
  if (cut !== undefined) return cut.id
  throw new CommandFailure(`No link between ${one} and ${other} was undone; see: millrace identity cuts`)
}
