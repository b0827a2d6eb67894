import assert from 'node:assert/strict'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { duplicate, messages, refusedCode, writeKey } from './fixtures/data-folder-facts.ts'
import { accountOf, assertBalanced } from './support/accounts.ts'
import { eventually } from './support/eventually.ts'
import { post } from './support/post.ts'
import { ServerUnderTest } from './support/server-under-test.ts'

/** Data folders as released versions wrote them, one for each format. */
const formats = [1]

for (const format of formats) {
  test(`a data folder of format ${format} is opened, traced, verified, and goes on`, { timeout: 60_000 }, async (t) => {
    const folder = await temporaryFolder()
    t.after(() => removeFolder(folder))
    const data = join(folder, 'data')
    await cp(fileURLToPath(new URL(`./fixtures/data-folder-v${format}`, import.meta.url)), data, { recursive: true })
    await using server = await ServerUnderTest.start({ folder, data })
    await server.ready()

    const { ledger } = await assertBalanced(server)
    const expected = {
      source: 'web',
      accepted: messages.length + 1,
      duplicate: 1,
      dropped: {},
      resolved: messages.length,
      unresolved: 0,
      rejected: { [refusedCode]: 1 },
    }
    assert.deepEqual(ledger.sources, [expected])
    const kept = accountOf(ledger, 'kept')
    assert.deepEqual([kept.resolved, kept.delivered], [messages.length, messages.length])
    const { resolved, delivered, pending } = accountOf(ledger, 'away')
    assert.deepEqual(
      { resolved, delivered, pending: pending.waiting + pending.inFlight },
      { resolved: messages.length, delivered: 0, pending: messages.length },
    )

    for (const sent of messages) {
      const { traces } = await server.api.message(sent.messageId)
      assert.deepEqual(
        traces.map(({ stages }) => stages.find(({ stage }) => stage === 'resolve')?.outcome),
        sent === duplicate ? ['resolved', 'duplicate'] : ['resolved'],
        sent.messageId,
      )
      const [first] = traces
      assert.ok(first !== undefined)
      const message = first.message as unknown as Record<string, unknown>
      for (const [name, value] of Object.entries(sent))
        assert.deepEqual(message[name], value, `${sent.messageId}.${name}`)
      assert.equal(
        first.stages.find(({ destination }) => destination === 'kept')?.outcome,
        'delivered',
        JSON.stringify(first.stages),
      )
    }

    const next = JSON.stringify({ userId: 'user-2', event: 'After Upgrade', messageId: 'next-1' })
    const { status } = await post(`${server.url}/v1/track`, next, { writeKey })
    assert.equal(status, 200)
    await eventually('a new message is delivered', async () =>
      accountOf(await server.api.ledger(), 'kept').delivered === messages.length + 1 ? true : undefined,
    )
    await assertBalanced(server)
    const { code } = await server.terminate()
    assert.equal(code, 0)
    const { format: after } = JSON.parse(await readFile(join(data, 'format.json'), 'utf8')) as { format: number }
    assert.ok(after >= format)
  })
}
