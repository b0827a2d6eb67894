import type { Message, MessageTrace } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { ComparisonReport } from '../compare/draw-comparison.ts'
import { fakeServer, runCli } from '../testing/fake-server.ts'
import type { FakeServer, Routes } from '../testing/fake-server.ts'

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
const track = (messageId: string, event = 'Signed Up', minute = 0): Message => ({
  type: 'track',
  event,
  userId: 'u1',
  messageId,
  properties: { plan: 'pro' },
  timestamp: at(minute),
  receivedAt: at(minute),
})
const stored = [track('m-1'), track('m-2'), track('m-3', 'Left', 1), track('m-3', 'Left', 1), track('m-4', 'Left', 9)]

const traceOf = (message: Message, source: string): MessageTrace => ({
  messageId: message.messageId,
  position: '1:0',
  source,
  type: message.type,
  receivedAt: message.receivedAt,
  message,
  stages: [],
})

async function serverWith(context: TestContext, messages: readonly Message[], source = 'web'): Promise<FakeServer> {
  const routes: Routes = {}
  for (const message of messages) {
    const traces = [traceOf(message, source)]
    routes[`GET /api/messages/${message.messageId}`] = { body: { messageId: message.messageId, traces } }
  }
  // Two pages: the first is full, as the command tells by its number of entries.
  routes['GET /api/tail'] = ({ url }) => {
    const isFirst = url.includes('from=0%3A0')
    const filler = Array.from({ length: 999 }, () => ({ position: '0:0', source, receivedAt: at(0), rejection: {} }))
    const list = isFirst ? messages.slice(0, 1) : messages.slice(1)
    const entries = list.map((message) => ({ position: '1:0', source, receivedAt: message.receivedAt, message }))
    return { body: { entries: isFirst ? [...filler, ...entries] : entries, next: isFirst ? '5:0' : '9:0' } }
  }
  return fakeServer(context, routes)
}

const compare = async (server: FakeServer, lines: readonly unknown[], ...args: string[]) => {
  const file = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  await writeFile(join(server.data, 'e.ndjson'), file)
  return runCli(['compare', 'e.ndjson', ...args, '--data', server.data], { cwd: server.data })
}

test('says that nothing is missing when each message is here as it is there', async (context) => {
  const server = await serverWith(context, stored)
  const { exitCode, stdout } = await compare(server, [track('m-1'), '', track('m-3', 'Left', 1)])
  assert.equal(exitCode, 0)
  assert.match(stdout, /track Signed Up +1 +0 +0\n/)
  assert.match(stdout, /all +2 +0 +0\n/)
  assert.match(stdout, /e\.ndjson has 2 messages\. Not asked: .*--from and --to.*\nNothing is missing\.\n$/)
})

test('names what is missing and fails, and what differs with the place and how to see more', async (context) => {
  const server = await serverWith(context, stored)
  const other = { ...track('m-2'), properties: { plan: 'free' } }
  const { exitCode, stdout, stderr } = await compare(server, [track('m-1'), other, track('lost')])
  assert.equal(exitCode, 1)
  assert.match(stdout, /track Signed Up +1 +1 +1\n/)
  assert.match(stdout, /missing here lost track Signed Up\n {2}never accepted, refused/)
  assert.match(
    stdout,
    /differs m-2 .*\n {2}properties\.plan +there "free" +here "pro"\n {2}millrace trace m-2 --body\n/,
  )
  assert.match(stdout, /1 missing\. 1 differ\.\n$/)
  assert.match(stderr, /Compared messages: 3/)
})

test('a difference alone does not fail', async (context) => {
  const server = await serverWith(context, stored)
  const { exitCode, stdout } = await compare(server, [{ ...track('m-1'), userId: 'u2' }])
  assert.equal(exitCode, 0)
  assert.match(stdout, /Nothing is missing\. 1 differ\.\n$/)
})

test('with a time also counts what the file lacks, a resent message once, and only of that time', async (context) => {
  const server = await serverWith(context, stored)
  const args = ['--from', at(0), '--to', at(5), '--source', 'web', '--json']
  const { exitCode, stdout } = await compare(server, [track('m-1'), track('m-1')], ...args)
  const report = JSON.parse(stdout) as ComparisonReport
  assert.equal(exitCode, 1)
  assert.deepEqual(report.window, { from: at(0), to: at(5), messages: 4 })
  assert.equal(report.repeated, 1)
  assert.deepEqual(report.total, { equal: 2, found: 0, differs: 0, missingHere: 0, missingThere: 2 })
  assert.deepEqual(
    report.examples.map(({ verdict, messageId }) => `${verdict} ${messageId}`),
    ['missingThere m-2', 'missingThere m-3'],
  )
  // The log is read once for each direction, and what is the same there is not looked up.
  const pages = ['/api/tail?from=0%3A0&source=web&limit=1000', '/api/tail?from=5%3A0&source=web&limit=1000']
  assert.deepEqual(
    server.seen.map(({ url }) => url),
    [...pages, ...pages],
  )
})

test('with a time looks up only what is not the same in the log', async (context) => {
  const server = await serverWith(context, stored)
  const lines = [track('m-1'), { ...track('m-2'), userId: 'u2' }, track('lost'), { id: 'm-3', user_id: 'u1' }, 'm-3']
  const { stdout } = await compare(server, lines, '--from', at(0), '--to', at(5), '--json')
  const { total } = JSON.parse(stdout) as ComparisonReport
  assert.deepEqual(total, { equal: 2, found: 1, differs: 1, missingHere: 1, missingThere: 0 })
  const found = server.seen.filter(({ url }) => url.startsWith('/api/messages/')).map(({ url }) => url.slice(14))
  assert.deepEqual(found.sort(), ['lost', 'm-2', 'm-3'])
})

test('looks ids up that are one a line, from the standard input too', async (context) => {
  const server = await serverWith(context, stored)
  const stdin = Readable.from(['messageId\nm-1\n"m-3"\n'])
  const { exitCode, stdout } = await runCli(['compare', '-', '--json', '--data', server.data], { stdin })
  assert.equal(exitCode, 0)
  const { total, events } = JSON.parse(stdout) as ComparisonReport
  assert.deepEqual(total, { equal: 0, found: 2, differs: 0, missingHere: 0, missingThere: 0 })
  assert.deepEqual(
    events.map(({ event }) => event),
    ['track Left', 'track Signed Up'],
  )
})

test('a message that came from another source is missing, and the source is named', async (context) => {
  const server = await serverWith(context, stored, 'phone')
  const { exitCode, stdout } = await compare(server, [track('m-1')], '--source', 'web')
  assert.equal(exitCode, 1)
  assert.match(stdout, /missing here m-1 .*\n {2}it came from another source: phone\n/)
})

test('counts all and shows the first examples only', async (context) => {
  const server = await serverWith(context, [])
  const lines = Array.from({ length: 30 }, (_none, index) => track(`lost-${index}`))
  const { stdout } = await compare(server, lines, '--examples', '2', '--json')
  const { total, examples } = JSON.parse(stdout) as ComparisonReport
  assert.equal(total.missingHere, 30)
  assert.deepEqual(
    examples.map(({ messageId }) => messageId),
    ['lost-0', 'lost-1'],
  )
})

test('stops at a line that it cannot read, and names it', async (context) => {
  const server = await serverWith(context, stored)
  for (const [line, reason] of [
    ['{"messageId":', /Line 2 of e\.ndjson is neither a JSON object nor an id/],
    ['a,b', /Line 2 of e\.ndjson is neither/],
    ['{"event":"x"}', /Line 2 of e\.ndjson has no messageId/],
  ] as const) {
    const { exitCode, stderr, stdout } = await compare(server, [track('m-1'), line])
    assert.deepEqual([exitCode, stdout], [1, ''])
    assert.match(stderr, reason)
  }
})

test('stops when the server fails instead of calling messages missing', async (context) => {
  const server = await fakeServer(context, {
    'GET /api/messages/m-1': { status: 503, body: { code: 'unavailable', message: 'The log cannot be read.' } },
  })
  const { exitCode, stderr, stdout } = await compare(server, [track('m-1')])
  assert.deepEqual([exitCode, stdout], [1, ''])
  assert.match(stderr, /log cannot be read/)
})

test('refuses times that make no span', async (context) => {
  const server = await serverWith(context, stored)
  for (const [args, reason] of [
    [['--to', at(1)], /--to needs --from/],
    [['--from', 'yesterday'], /--from takes a time such as/],
    [['--from', at(5), '--to', at(5)], /must lie before/],
  ] as const) {
    const { exitCode, stderr } = await compare(server, [track('m-1')], ...args)
    assert.equal(exitCode, 2)
    assert.match(stderr, reason)
  }
})
