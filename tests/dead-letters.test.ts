import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeadLetterDetail, JsonObject } from '@millrace/protocol'
import { removeFolder, startWebhookReceiver, temporaryFolder } from '@millrace/testkit'
import { typed } from './examples/command-line.ts'
import { assertBalanced, drained } from './support/accounts.ts'
import { eventually } from './support/eventually.ts'
import { post } from './support/post.ts'
import { workspaceOf } from './support/rig.ts'
import { ServerUnderTest } from './support/server-under-test.ts'

const secret = `whsec_${Buffer.alloc(32, 'secret').toString('base64')}`

const what =
  'a dead letter shows message, request, answer and attempts by API, command line and trace, without secrets, over kill -9, until its time is over'

test(what, { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder()
  await using receiver = await startWebhookReceiver({
    record: 'messages',
    status: (_, messages) => (messages.some(({ messageId }) => messageId?.startsWith('bad')) ? 422 : 200),
  })
  try {
    await using server = await ServerUnderTest.start({ folder })
    const apply = (settings: JsonObject): Promise<unknown> => {
      const hook = {
        type: 'webhook',
        settings: {
          url: receiver.url,
          batchSize: 2,
          signingSecret: secret,
          headers: { authorization: 'Bearer xyz-1' },
        },
      }
      return server.api.putWorkspace({ document: { ...workspaceOf({ hook }), settings }, by: 'test' })
    }
    await apply({})
    const batch = ['good-1', 'bad-1', 'good-2', 'bad-2'].map((messageId) => ({
      type: 'track',
      event: 'Signed Up',
      messageId,
      userId: 'user-1',
    }))
    await post(`${server.url}/v1/batch`, JSON.stringify({ batch }), { writeKey: 'wk_web' })
    await drained(server)
    await server.crash()
    await server.restart()

    const { entries } = await server.api.deadLetters('hook')
    assert.deepEqual(
      entries.map(({ messageId }) => messageId),
      ['bad-2', 'bad-1'],
    )
    const { id } = entries[1] as { id: string }
    const letter: DeadLetterDetail = await server.api.deadLetter('hook', id)
    assert.equal(letter.copy?.message['event'], 'Signed Up')
    const { request, response } = letter.copy
    assert.deepEqual([request?.method, request?.url, request?.batchOf], ['POST', receiver.url, 1])
    assert.match(request?.body?.text ?? '', /"bad-1"/)
    assert.ok(response !== undefined && 'status' in response && response.status === 422)
    assert.deepEqual(
      letter.history?.map(({ status }) => status),
      [422],
    )
    assert.ok(!JSON.stringify(letter).includes('xyz-1') && !JSON.stringify(letter).includes(secret))

    const listed = await typed('npx millrace dead hook --list', server)
    assert.ok(listed.includes(id))
    const shown = await typed(`npx millrace dead hook --id ${id}`, server)
    assert.match(shown, /message bad-1 {2}track "Signed Up" user user-1/)
    assert.match(shown, /POST http:.*\n[^]*"messageId": "bad-1"[^]*response\n {4}422/)
    assert.match(await typed('npx millrace trace bad-1', server), /dead .*"request":"POST http.*"response":"422/)
    await assert.rejects(server.api.deadLetter('hook', '0:999:send'), /no dead letter/)
    await assert.rejects(server.api.deadLetter('hook', 'nonsense'), /is no id of a dead letter/)

    await apply({ deadLetters: { maxAgeMs: 1000 } })
    await eventually('the copies go', async () => {
      await apply({ deadLetters: { maxAgeMs: 1000 }, metrics: { public: true } })
      await apply({ deadLetters: { maxAgeMs: 1000 } })
      return (await server.api.deadLetter('hook', id)).copy === undefined || undefined
    })
    assert.equal((await server.api.deadLetter('hook', id)).code, 'http_422')
    assert.match(await typed(`npx millrace dead hook --id ${id}`, server), /No copy of message and request is kept/)
    await assertBalanced(server)
  } finally {
    await removeFolder(folder)
  }
})
