import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Json, JsonObject, Ledger, Message } from '@millrace/protocol'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { examples } from '../customerio/examples.ts'
import type { Example } from '../customerio/examples.ts'
import { eventually } from '../support/eventually.ts'
import { startJsonReceiver } from '../support/json-receiver.ts'
import { ServerUnderTest } from '../support/server-under-test.ts'
import { identityChecks, outcomeChecks } from './documented-outcomes.ts'
import type { Expect, Outcome } from './documented-outcomes.ts'
import index from './examples-index.json' with { type: 'json' }

/** The examples of the event specification and its index, as they are: `expect` is the documented outcome. */
const entries = index as unknown as readonly { file: string; kind: string; covers: string[]; expect?: Expect }[]
const names = ['Mixpanel', 'Customer.io', 'Google Analytics', 'Other'] as const
const sourceOf = (file: string): string => `example-${file.slice(0, 2)}`

/**
 * As a client sends it: what the receiver adds is not there yet. The times are moved to today, so that the clock of the
 * client is as wrong as in the example.
 */
const bodiesOf = ({ file, body, messages }: Example): JsonObject[] => {
  if (file.startsWith('09')) return [body]
  return messages.map((stored) => {
    const { receivedAt, timestamp: _, sentAt, originalTimestamp, ...message } = stored
    if (receivedAt === undefined) return { batch: [stored] }
    const byMs = Date.now() - Date.parse(receivedAt as string)
    const moved = (time: Json | undefined) => new Date(Date.parse(time as string) + byMs).toISOString()
    return {
      batch: [{ ...message, ...(originalTimestamp !== undefined && { originalTimestamp: moved(originalTimestamp) }) }],
      ...(sentAt !== undefined && { sentAt: moved(sentAt) }),
    }
  })
}

describe('every example of the event specification, through the real program', () => {
  const stack = new AsyncDisposableStack()
  let server: ServerUnderTest
  let ledger: Ledger
  before(async () => {
    const folder = await temporaryFolder()
    stack.defer(() => removeFolder(folder))
    const { url } = stack.use(await startJsonReceiver())
    const sources = Object.fromEntries(
      entries.map(({ file }) => [
        sourceOf(file.slice(9)),
        { type: 'http', writeKeys: [`wk_${sourceOf(file.slice(9))}`] },
      ]),
    )
    const destinations = Object.fromEntries(
      names.map((name, at) => [`to-${at}`, { name, type: 'webhook', settings: { url, batchSize: 50 } }]),
    )
    const workspace = { sources, destinations, network: { allow: ['127.0.0.0/8'] } }
    server = stack.use(await ServerUnderTest.start({ folder, workspace, ingestProcesses: 0 }))
    for (const example of examples) {
      for (const { writeKey: _, ...body } of bodiesOf(example)) {
        const headers = { authorization: `Basic ${btoa(`wk_${sourceOf(example.file)}:`)}` }
        const answer = await fetch(`${server.url}/v1/batch`, { method: 'POST', headers, body: JSON.stringify(body) })
        assert.deepEqual([answer.status, await answer.json()], [200, { success: true }], example.file)
      }
    }
    ledger = await eventually('everything is settled', async () => {
      const now = await server.api.ledger()
      const isOpen =
        now.sources.some(({ unresolved }) => unresolved > 0) ||
        now.destinations.some(({ pending }) => pending.waiting + pending.inFlight + pending.parked > 0)
      return isOpen || now.sources.length < entries.length ? undefined : now
    })
  })
  after(() => stack.disposeAsync())

  const outcomeOf = async (example: Example): Promise<Outcome> => {
    const source = sourceOf(example.file)
    const { entries: tail } = await server.api.tail({ from: '0:0', source, limit: 100 })
    const accepted = tail.filter(({ message }) => message !== undefined)
    return {
      example,
      messages: accepted.map(({ message }) => message as Message),
      violations: accepted.map(({ violations = [] }) => violations),
      ledger: ledger.sources.find((each) => each.source === source) ?? assert.fail(`no account of ${source}`),
      deliveredTo: ledger.destinations
        .filter((each) => each.source === source && each.delivered > 0)
        .map(({ destination }) => names[Number(destination.slice('to-'.length))] as string),
      profile: (identifier) => server.api.profile(identifier),
    }
  }

  it('are as many as the index lists', () => {
    assert.deepEqual(
      examples.map(({ file }) => `examples/${file}`),
      entries.map(({ file }) => file),
    )
    assert.equal(entries.length, 66)
  })

  for (const [at, { file, covers, expect = {} }] of entries.entries()) {
    const example = examples[at] as Example
    const isRefused = 'reject' in expect || 'segment' in expect
    it(`${file}: ${covers.join(', ')}`, async () => {
      const outcome = await outcomeOf(example)
      if (!isRefused) assertKept(outcome)
      for (const [kind, expected] of Object.entries(expect)) {
        const check = outcomeChecks[kind] ?? assert.fail(`the index documents "${kind}", which is not checked`)
        await check(outcome, expected)
      }
      await identityChecks[example.file]?.(outcome)
    })
  }
})

/** What holds of each that is accepted: nothing is changed or lost, and only what is wrong is a violation. */
const assertKept = ({ example, messages, violations, ledger }: Outcome): void => {
  assert.deepEqual(ledger.rejected, {})
  assert.equal(messages.length, example.messages.length)
  for (const [at, sent] of example.messages.entries()) {
    const message = messages[at] as unknown as JsonObject
    // The legacy envelope has other names for these two, which are checked by what the index says.
    const { user_id: userId = sent['userId'], action: type = sent['type'] } = sent
    assert.equal(message['type'], type)
    assert.equal(message['userId'], typeof userId === 'number' ? String(userId) : userId)
    for (const name of ['event', 'name', 'category', 'properties', 'traits', 'anonymousId', 'groupId', 'previousId']) {
      assert.deepEqual(message[name], sent[name], name)
    }
    if (sent['messageId'] !== undefined) assert.equal(message['messageId'], sent['messageId'])
  }
  const expected = example.file.startsWith('30') ? [['type', 'properties.previous_build']] : []
  assert.deepEqual(
    violations.flat().map(({ kind, path }) => [kind, path]),
    expected,
  )
}
