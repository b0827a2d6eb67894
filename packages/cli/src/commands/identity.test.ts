import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fakeServer, runCli } from '../testing/fake-server.ts'

const at = '2026-03-02T09:31:38.820Z'
const link = { a: 'anonymousId:a-1', b: 'userId:u-7', at, messageId: 'm-7', explicit: false, status: 'joined' }
const refused = { ...link, b: 'userId:u-8', messageId: 'm-8', status: 'refused', reason: 'limit', because: 'userId' }
const profile = {
  profileId: 'p0123456789abcdef0123456789',
  name: 'userId:u-7',
  identifiers: ['userId:u-7', 'anonymousId:a-1'],
  links: [link, refused],
}
const cut = { id: 'c1', a: 'anonymousId:a-1', b: 'userId:u-7', by: 'ada', at, reason: 'shared tablet' }

test('identity explain shows each link with its message, and why one was refused', async (context) => {
  const server = await fakeServer(context, { 'GET /api/profiles/userId%3Au-7': { body: profile } })
  const { exitCode, stdout } = await runCli(['identity', 'explain', 'userId:u-7', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.match(stdout, /anonymousId:a-1 +userId:u-7 +joined +2026-03-02T09:31:38.820Z +m-7/)
  assert.match(stdout, /userId:u-8 +refused: a profile would have too many of userId .*m-8/)
  assert.match(stdout, /millrace identity undo anonymousId:a-1 --and userId:u-7/)
})

test('identity undo sends both ends and the reason; redo finds the cut in either order', async (context) => {
  const server = await fakeServer(context, {
    'POST /api/identity/cuts': { body: cut },
    'GET /api/identity/cuts': { body: { cuts: [cut] } },
    'DELETE /api/identity/cuts/c1': { body: cut },
  })
  const link = ['userId:u-7', '--and', 'anonymousId:a-1', '--data', server.data]
  const undone = await runCli(['identity', 'undo', ...link, '--by', 'ada', '--reason', 'shared tablet'])
  assert.equal(undone.exitCode, 0, undone.stderr)
  const asked = { a: 'userId:u-7', b: 'anonymousId:a-1', by: 'ada', reason: 'shared tablet' }
  assert.deepEqual(server.seen[0]?.body, asked)
  const redone = await runCli(['identity', 'redo', ...link])
  assert.match(redone.stdout, /counts again/)
  const none = await runCli(['identity', 'redo', 'userId:u-9', ...link.slice(1)])
  assert.equal(none.exitCode, 1)
  assert.match(none.stderr, /No link between userId:u-9 and anonymousId:a-1 was undone/)
  const cuts = await runCli(['identity', 'cuts', '--data', server.data])
  assert.match(cuts.stdout, /anonymousId:a-1 +userId:u-7 +always +ada .*shared tablet/)
})

test('identity try sends the rules of a file, and shows who would be split or joined', async (context) => {
  const answer = {
    profiles: { now: 2, tried: 3 },
    refusedLinks: { now: 1, tried: 4 },
    split: 1,
    joined: 0,
    examples: [{ now: [['anonymousId:a', 'userId:u']], tried: [['anonymousId:a'], ['userId:u']] }],
  }
  const server = await fakeServer(context, { 'POST /api/identity/try': { body: answer } })
  const file = join(server.data, 'rules.json')
  await writeFile(file, '{"maxAnonymousIds": 1}')
  const tried = await runCli(['identity', 'try', '--rules', file, '--data', server.data])
  assert.equal(tried.exitCode, 0, tried.stderr)
  assert.deepEqual(server.seen[0]?.body, { maxAnonymousIds: 1 })
  assert.match(tried.stdout, /refused links +1 +4/)
  assert.match(tried.stdout, /1 would split, 0 would be joined/)
  assert.match(tried.stdout, /now +anonymousId:a, userId:u\ntried +anonymousId:a\n +userId:u/)
  assert.match((await runCli(['identity', 'try', '--data', server.data])).stderr, /Say which rules/)
  await writeFile(file, '[]')
  assert.match((await runCli(['identity', 'try', '--rules', file, '--data', server.data])).stderr, /holds no rules/)
})

test('identity says what it needs', async (context) => {
  const server = await fakeServer(context, {})
  const data = ['--data', server.data]
  assert.match((await runCli(['identity', 'merge', ...data])).stderr, /none of: explain, undo, redo, cuts/)
  assert.match((await runCli(['identity', 'explain', ...data])).stderr, /Say who/)
  assert.match((await runCli(['identity', 'undo', 'userId:u', ...data])).stderr, /Say which link/)
})
