import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineAction, defineDestination, outcomeOf } from '@millrace/component-kit'
import type { AnyDestination } from '@millrace/component-kit'
import type { JsonObject, Message } from '@millrace/protocol'
import { compileActions } from '../destination-config.ts'
import type { ConfiguredAction, DestinationConfig } from '../destination-config.ts'
import { configOf as fakeConfigOf } from '../testing/fake-destination.ts'
import { masked } from './redact-request.ts'
import { previewDelivery } from './preview-delivery.ts'
import { shadowCompare } from './shadow-compare.ts'

const settings = {
  key: { type: 'secret', label: 'Key', description: 'The key.', example: 'abcdefgh', required: true },
} as const

const http = defineDestination({
  slug: 'service',
  name: 'Service',
  description: 'For tests.',
  settings,
  actions: {
    send: defineAction({
      title: 'Send',
      description: 'Sends.',
      trigger: 'type = "track"',
      settings,
      batch: { maxMessages: 10 },
      fields: {
        name: { type: 'string', label: 'Name', description: 'The name.', example: 'a', required: true },
        amount: { type: 'number', label: 'Amount', description: 'A number.', example: 1 },
      },
      deliver: async (context, payloads) => {
        if (payloads.some(({ values }) => values.name === 'refused here')) {
          return payloads.map(() => ({ status: 'rejected', code: 'local', message: 'this name is not allowed' }))
        }
        const outcome = outcomeOf(
          await context.http.request({
            method: 'POST',
            url: `https://service.test/in?key=${encodeURIComponent(context.settings.key)}`,
            headers: { authorization: `Bearer ${context.settings.key}`, 'x-other': `k=${context.settings.key}` },
            body: JSON.stringify({ items: payloads.map(({ values }) => values), key: context.settings.key }),
          }),
        )
        return payloads.map(() => outcome)
      },
      examples: [],
    }),
  },
})

const files = defineDestination({
  slug: 'files',
  name: 'Files',
  description: 'For tests.',
  output: 'files',
  settings: {},
  actions: {
    write: defineAction({
      title: 'Write',
      description: 'Writes.',
      trigger: 'type = "track"',
      settings: {},
      batch: { maxMessages: 1 },
      fields: { name: { type: 'string', label: 'Name', description: 'The name.', example: 'a', required: true } },
      deliver: async () => {
        throw new Error('a dry run must not get here')
      },
      examples: [],
    }),
  },
})

const secret = 'se cret/"1"'
const toName: JsonObject = { name: { '@path': '$.event' } }
const send = (change: Partial<ConfiguredAction> = {}): ConfiguredAction => ({
  name: 'send',
  action: 'send',
  trigger: 'type = "track"',
  fields: toName,
  ...change,
})
const configOf = (
  actions: readonly ConfiguredAction[],
  change: Partial<DestinationConfig> = {},
): DestinationConfig => ({
  id: 'dest',
  type: 'service',
  name: 'The service',
  enabled: true,
  settings: { key: secret },
  delivery: fakeConfigOf().delivery,
  actions,
  start: { block: 0, index: 0 },
  ...change,
})
const messageOf = (change: JsonObject = {}): Message =>
  ({
    type: 'track',
    event: 'Signed Up',
    messageId: 'm-1',
    userId: 'u-1',
    timestamp: '2026-01-02T03:04:05.000Z',
    ...change,
  }) as unknown as Message
const preview = (config: DestinationConfig, message = messageOf(), destination: AnyDestination = http) =>
  previewDelivery({
    config,
    destination,
    actions: compileActions(config, destination),
    message,
    source: 'web',
    now: () => 0,
  })

test('a dry run shows the fields and the request that would be sent, and sends nothing', async () => {
  const { outcome, actions } = await preview(configOf([send(), send({ name: 'never', trigger: 'type = "page"' })]))
  assert.equal(outcome, 'matched')
  assert.deepEqual(actions[1], { name: 'never', action: 'send', trigger: 'type = "page"', matched: false })
  const [first] = actions
  assert.deepEqual(first?.fields, { name: 'Signed Up' })
  assert.equal(first.requests?.length, 1)
  assert.equal(first.requests[0]?.method, 'POST')
  assert.deepEqual(first.requests[0]?.body, { items: [{ name: 'Signed Up' }], key: masked })
})

test('no secret is shown: in the URL, the headers and the body it is masked', async () => {
  const shown = JSON.stringify(await preview(configOf([send()])))
  for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
    assert.ok(!shown.includes(form), form)
  }
  assert.equal(shown.split(masked).length - 1, 4)
})

test('a dry run says why a message would not be sent, in the words of the ledger', async () => {
  const reasonOf = async (config: DestinationConfig, message?: Message): Promise<unknown> => {
    const { outcome, reason } = await preview(config, message)
    return [outcome, reason]
  }
  assert.deepEqual(await reasonOf(configOf([send()], { sources: ['other'] })), ['filtered', 'not_connected'])
  assert.deepEqual(await reasonOf(configOf([send()], { enabled: false })), ['filtered', 'disabled'])
  assert.deepEqual(await reasonOf(configOf([send({ trigger: 'type = "page"' })])), ['filtered', 'no_action'])
  const leftOut = messageOf({ integrations: { 'The service': false } })
  assert.deepEqual(await reasonOf(configOf([send()]), leftOut), ['filtered', 'integrations'])
})

test('what would be refused before anything is sent is said with its path', async () => {
  const missing = await preview(configOf([send({ fields: {} })]))
  assert.equal(missing.outcome, 'invalid')
  assert.match(missing.actions[0]?.problems?.[0]?.path ?? '', /name/)
  const refused = await preview(configOf([send()]), messageOf({ event: 'refused here' }))
  assert.equal(refused.outcome, 'invalid')
  assert.deepEqual(refused.actions[0]?.problems, [{ path: '', message: 'this name is not allowed' }])
})

test('a destination that writes files is not run', async () => {
  const config = configOf([send({ name: 'write', action: 'write' })], { type: 'files', settings: {} })
  const { outcome, actions } = await preview(config, messageOf(), files)
  assert.equal(outcome, 'matched')
  assert.deepEqual(actions[0]?.fields, { name: 'Signed Up' })
  assert.equal(actions[0].requests, undefined)
})

test('a shadow comparison counts each kind of difference and keeps samples of it', async () => {
  async function* stored(): AsyncGenerator<{ source: string; message: Message }> {
    for (const [at, event] of ['Same', 'Other', 'Gone', 'New', 'Breaks', 'Mended', 'Other'].entries()) {
      yield { source: 'web', message: messageOf({ event, messageId: `m-${at}` }) }
    }
  }
  const trigger = (...events: readonly string[]): string => events.map((event) => `event = "${event}"`).join(' or ')
  const current = configOf([
    send({ trigger: trigger('Same', 'Other', 'Gone', 'Breaks') }),
    send({ name: 'broken', trigger: trigger('Mended'), fields: {} }),
  ])
  const proposed = configOf([
    send({ name: 'renamed', trigger: trigger('Same', 'New', 'Mended') }),
    send({ trigger: trigger('Other'), fields: { name: 'changed' } }),
    send({ name: 'broken', trigger: trigger('Breaks'), fields: {} }),
  ])
  const { samples, ...counts } = await shadowCompare({
    current,
    proposed,
    destination: http,
    messages: stored(),
    maxSamples: 1,
    now: Date.now,
    signal: new AbortController().signal,
  })
  assert.deepEqual(counts, {
    messages: 7,
    unchanged: 1,
    changed: 2,
    newlyMatched: 1,
    newlyFiltered: 1,
    newlyFailing: 1,
    repaired: 1,
  })
  assert.deepEqual(
    samples.map(({ kind, messageId }) => [kind, messageId]),
    [
      ['changed', 'm-1'],
      ['newlyFiltered', 'm-2'],
      ['newlyMatched', 'm-3'],
      ['newlyFailing', 'm-4'],
      ['repaired', 'm-5'],
    ],
  )
})
