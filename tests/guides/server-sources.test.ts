import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Message } from '@millrace/protocol'
import { withoutPython } from '../clients/python/python-client.ts'
import { eventually } from '../support/eventually.ts'
import { hasGo } from '../support/go.ts'
import { runGo, runPython, runShell } from '../support/run-code.ts'
import { writeGuideCode } from './guide-code.ts'
import { GuideServer } from './guide-server.ts'

const withoutGo = process.env['CI'] !== 'true' && !hasGo() ? 'there is no Go on this machine' : false

/** Each guide with what its code sends, file by file, as `<who> <what>`. */
const guides = [
  {
    guide: 'source-python',
    run: runPython,
    skip: withoutPython,
    sends: {
      'with-segment.py': ['user-1 identify', 'user-1 Order Completed'],
      'with-customerio.py': ['user-2 identify', 'user-2 Order Completed'],
      'visitors.py': ['device-3 Product Viewed', 'user-3 identify', 'user-3 group'],
      'in-a-function.py': ['user-4 Function Called'],
      'import-history.py': ['user-5 Order Completed', 'user-5 Order Completed'],
    },
  },
  {
    guide: 'source-go',
    run: runGo,
    skip: withoutGo,
    sends: {
      'with-segment.go': ['user-1 identify', 'user-1 Order Completed', 'user-1 group'],
      'with-customerio.go': ['user-2 Order Completed'],
      'import-history.go': ['user-3 Order Completed', 'user-3 Order Completed'],
    },
  },
  {
    guide: 'source-http',
    run: runShell,
    skip: false,
    sends: {
      'one-message.sh': ['user-1 identify', 'user-1 Order Completed'],
      'many-messages.sh': ['device-2 page', 'user-2 group', 'user-2 alias'],
      'send-again.sh': ['user-3 Signed Up'],
      'strict-mode.sh': [],
    },
  },
] as const

const told = (message: Message): string =>
  `${message.userId ?? message.anonymousId} ${message.type === 'track' ? message.event : message.type}`

for (const { guide, run, skip, sends } of guides) {
  test(`${guide}: each program sends what the page says`, { skip, timeout: 120_000 }, async () => {
    await using rig = await GuideServer.start()
    assert.deepEqual(await writeGuideCode(guide, rig.folder, rig.server.url), Object.keys(sends))
    const outputs: Record<string, string> = {}
    for (const file of Object.keys(sends)) outputs[file] = await run(join(rig.folder, file))
    const expected: string[] = Object.values(sends).flat()
    expected.sort()
    const messages = await eventually(`${expected.length} messages`, async () => {
      const arrived = await rig.messages('web')
      return new Set(arrived.map(({ messageId }) => messageId)).size >= expected.length ? arrived : undefined
    })
    const once = new Map(messages.map((message) => [message.messageId, message]))
    assert.deepEqual([...once.values()].map(told).sort(), expected)
    for (const { messageId, timestamp } of once.values()) {
      // What the import says of the past stays, but for the time that the request took.
      if (messageId.startsWith('import-order-')) assert.match(timestamp, /^202[45]-06-01T00:00:0/)
    }
    if (guide === 'source-http') {
      assert.equal(messages.length - once.size, 1, 'the copy is there, and is a duplicate')
      assert.match(outputs['strict-mode.sh'] ?? '', /"path":"event"/)
      const [page] = messages.filter(({ type }) => type === 'page')
      assert.deepEqual(page?.context?.['app'], { name: 'Shop', version: '2.1.0' })
    }
  })
}
