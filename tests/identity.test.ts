import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, ProfileAnswer } from '@millrace/protocol'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { typed } from './examples/command-line.ts'
import { eventually } from './support/eventually.ts'
import { post } from './support/post.ts'
import { workspaceOf } from './support/rig.ts'
import { ServerUnderTest } from './support/server-under-test.ts'

/** A shopper in a browser, who logs in, is joined, comes back on a shared device, and is taken apart again. */
test('a visitor becomes a person, who can be explained and undone, over restarts', async () => {
  const folder = await temporaryFolder()
  const messages = (batch: readonly JsonObject[]): Promise<{ status: number }> =>
    post(`${server.url}/v1/batch`, JSON.stringify({ batch }), { writeKey: 'wk_web' })
  const profileOf = (name: string): Promise<ProfileAnswer> => server.api.profile(name)
  const server = await ServerUnderTest.start({ folder })
  try {
    await server.api.putWorkspace({ document: workspaceOf({}), by: 'test' })
    await messages([
      { type: 'page', messageId: 'm1', anonymousId: 'a1', name: 'Home' },
      { type: 'identify', messageId: 'm2', anonymousId: 'a1', userId: 'u1' },
      { type: 'identify', messageId: 'm3', anonymousId: 'a2', userId: 'u1' },
    ])
    await eventually('a2 belongs to u1', async () => (await profileOf('a2')).name === 'userId:u1' || undefined)
    const one = await profileOf('userId:u1')
    assert.deepEqual(one.identifiers, ['userId:u1', 'anonymousId:a1', 'anonymousId:a2'])
    assert.deepEqual(
      one.links.map(({ messageId, status }) => [messageId, status]),
      [
        ['m2', 'joined'],
        ['m3', 'joined'],
      ],
    )
    const anonymous = await profileOf('anonymousId:a1')
    assert.equal(anonymous.profileId, one.profileId)
    assert.deepEqual(await profileOf(one.profileId), one)

    const explained = await typed('npx millrace identity explain a2', server)
    assert.match(explained, /anonymousId:a2 +userId:u1 +joined .* m3/)
    await typed('npx millrace identity undo anonymousId:a2 --and userId:u1 --by ada --reason "shared"', server)
    assert.equal((await profileOf('a2')).name, 'anonymousId:a2')

    await server.crash()
    await server.restart()
    await server.ready()
    await messages([
      { type: 'track', messageId: 'm4', event: 'Clicked', anonymousId: 'a2', userId: 'u1' },
      { type: 'identify', messageId: 'm5', anonymousId: 'a3', userId: 'u1' },
    ])
    await eventually('a3 belongs to u1', async () => (await profileOf('a3')).name === 'userId:u1' || undefined)
    assert.equal((await profileOf('a2')).name, 'anonymousId:a2', 'a cut link is not made again')
    assert.match(await typed('npx millrace identity cuts', server), /anonymousId:a2 +userId:u1 +always +ada .* shared/)

    await typed('npx millrace identity redo userId:u1 --and anonymousId:a2', server)
    assert.equal((await profileOf('a2')).name, 'userId:u1')
    await assert.rejects(typed('npx millrace identity redo userId:u1 --and anonymousId:a2', server), /was undone/)

    const rules = { maxAnonymousIds: 2 }
    const tried = await server.api.tryIdentityRules(rules)
    assert.deepEqual([tried.split, tried.joined, tried.refusedLinks], [1, 0, { now: 0, tried: 1 }])
    assert.equal((await profileOf('a3')).name, 'userId:u1', 'nothing has changed')
    await server.api.putWorkspace({ document: { ...workspaceOf({}), settings: { identity: rules } }, by: 'test' })
    assert.equal((await profileOf('a3')).name, 'anonymousId:a3', 'what is stored follows the rules')
    assert.deepEqual((await profileOf('a3')).links.at(-1)?.because, 'anonymousId')
    await messages([{ type: 'track', messageId: 'm6', event: 'Clicked', anonymousId: 'a3', userId: 'u2' }])
    await eventually('a3 goes to u2', async () => (await profileOf('a3')).name === 'userId:u2' || undefined)
  } finally {
    await server[Symbol.asyncDispose]()
    await removeFolder(folder)
  }
})
