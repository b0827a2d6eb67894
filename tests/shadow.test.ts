import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Json } from '@millrace/protocol'
import { removeFolder, startWebhookReceiver, temporaryFolder } from '@millrace/testkit'
import { typed } from './examples/command-line.ts'
import { drained } from './support/accounts.ts'
import { post } from './support/post.ts'
import { workspaceOf } from './support/rig.ts'
import { ServerUnderTest } from './support/server-under-test.ts'

const what = 'a shadow comparison says by API and command line what other mappings would change, and sends nothing'

test(what, { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder()
  await using receiver = await startWebhookReceiver({ record: 'messages' })
  try {
    await using server = await ServerUnderTest.start({ folder })
    const mappings: Json = [{ action: 'send', trigger: 'type = "track" and event != "D"' }]
    const hook = { type: 'webhook', settings: { url: receiver.url }, mappings }
    await server.api.putWorkspace({ document: workspaceOf({ hook }), by: 'test' })
    const batch = ['A', 'B', 'C', 'D'].map((event) => ({ type: 'track', event, messageId: event, userId: 'u' }))
    await post(`${server.url}/v1/batch`, JSON.stringify({ batch }), { writeKey: 'wk_web' })
    await drained(server)
    const sent = receiver.messages.length
    assert.equal(sent, 3)

    // A stays, B is no longer sent, C loses its content, D is sent.
    const proposed: Json = [
      { name: 'send', action: 'send', trigger: 'event = "A" or event = "D"' },
      { name: 'short', action: 'send', trigger: 'event = "C"', fields: { data: { id: { '@path': '$.messageId' } } } },
    ]
    const report = await server.api.shadow('hook', { mappings: proposed, messages: 10, samples: 1 })
    const { samples, ...counts } = report
    assert.deepEqual(counts, {
      messages: 4,
      unchanged: 1,
      changed: 1,
      newlyMatched: 1,
      newlyFiltered: 1,
      newlyFailing: 0,
      repaired: 0,
    })
    assert.deepEqual(
      new Map(samples.map(({ kind, messageId }) => [messageId, kind])),
      new Map([
        ['B', 'newlyFiltered'],
        ['C', 'changed'],
        ['D', 'newlyMatched'],
      ]),
    )
    const file = join(folder, 'mappings.json')
    await writeFile(file, JSON.stringify(proposed))
    const shown = await typed(`npx millrace shadow hook --mappings ${file} --messages 10`, server)
    assert.match(shown, /Over the newest 4 messages/)
    assert.match(shown, /newly filtered +1/)
    assert.match(shown, /changed: C\ntoday:/)
    assert.equal(receiver.messages.length, sent)
  } finally {
    await removeFolder(folder)
  }
})
