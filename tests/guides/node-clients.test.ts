import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeGuideCode } from './guide-code.ts'
import { GuideServer } from './guide-server.ts'

/** The code of the guides for Node, with the real packages against a real server. */
const clients = [
  {
    guide: 'move-from-segment',
    file: 'segment-node.js',
    calls: `analytics.track({ userId: 'user-1', event: 'Moved' }); await analytics.closeAndFlush()`,
    load: `import { Analytics } from '@segment/analytics-node'`,
    pair: `[new Analytics({ writeKey: 'wk_old', host }), new Analytics({ writeKey: 'wk_web', host })]`,
    close: 'closeAndFlush',
  },
  {
    guide: 'move-from-customer-io',
    file: 'customerio-node.js',
    calls: `analytics.track({ userId: 'user-1', event: 'Moved' }); await analytics.closeAndFlush()`,
    load: `import { Analytics } from '@customerio/cdp-analytics-node'`,
    pair: `[new Analytics({ writeKey: 'wk_old', host }), new Analytics({ writeKey: 'wk_web', host })]`,
    close: 'closeAndFlush',
  },
  {
    guide: 'move-from-rudderstack',
    file: 'rudder-node.js',
    calls: `analytics.track({ userId: 'user-1', event: 'Moved' }); await analytics.flush()`,
    load: `import RudderAnalytics from '@rudderstack/rudder-sdk-node'`,
    pair: `[new RudderAnalytics('wk_old', { dataPlaneUrl: host }), new RudderAnalytics('wk_web', { dataPlaneUrl: host })]`,
    close: 'flush',
  },
] as const

for (const { guide, file, calls, load, pair, close } of clients) {
  test(`${guide}: after the change the client of Node sends to Millrace`, { timeout: 60_000 }, async () => {
    await using rig = await GuideServer.start()
    assert.ok((await writeGuideCode(guide, rig.folder, rig.server.url)).includes(file))
    await rig.node(`import { analytics } from './${file}'\n${calls}`)
    const [message] = await rig.arrived('web', 1)
    assert.equal(message?.['event'], 'Moved')
  })

  test(`run-in-parallel: ${file} sends the same messages to both, and compare finds them equal`, async () => {
    await using rig = await GuideServer.start()
    await writeGuideCode('run-in-parallel', rig.folder, rig.server.url)
    await rig.node(`import { both } from './both-clients.js'
      ${load}
      const host = '${rig.server.url}'
      const pair = ${pair}
      const analytics = both(...pair)
      analytics.identify({ userId: 'user-1', traits: { email: 'ada@example.com' } })
      for (let index = 0; index < 30; index++) analytics.track({ userId: 'user-1', event: 'Moved', properties: { index } })
      analytics.page({ userId: 'user-1', name: 'Home' })
      analytics.screen({ userId: 'user-1', name: 'Start' })
      analytics.group({ userId: 'user-1', groupId: 'group-1', traits: { plan: 'pro' } })
      analytics.alias({ userId: 'user-2', previousId: 'user-1' })
      await Promise.all(pair.map((client) => client.${close}()))`)
    await rig.assertSame(35)
  })
}

test('move-from-jitsu: after the change the client sends to Millrace', async () => {
  await using rig = await GuideServer.start()
  await writeGuideCode('move-from-jitsu', rig.folder, rig.server.url)
  await rig.node(`import { analytics } from './jitsu.js'\nawait analytics.track('Moved', { plan: 'pro' })`)
  const [message] = await rig.arrived('web', 1)
  assert.equal(message?.['event'], 'Moved')
})
