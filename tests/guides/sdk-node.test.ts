import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeGuideCode } from './guide-code.ts'
import { GuideServer } from './guide-server.ts'

test('source-node: the code sends what it says', { timeout: 60_000 }, async () => {
  await using rig = await GuideServer.start()
  const names = await writeGuideCode('source-node', rig.folder, rig.server.url)
  assert.equal(names.length, 5)
  await rig.node(`import { analytics } from './source-node.js'
    import './source-node-import.js'
    import './source-node-spool.js'
    import { handler } from './source-node-function.js'
    import { withVisitor } from './source-node-context.js'
    const { statusCode } = await handler({ userId: 'user-2' })
    if (statusCode !== 200) throw new Error('the function failed')
    withVisitor({ user: { id: 'user-3' }, ip: '192.0.2.7', headers: {} }, {}, () => analytics.track({ event: 'Visited' }))
    await analytics.close()`)
  const { sources } = await rig.server.api.ledger()
  // Identify, order, 5,000 rows, spooled, function, visit.
  assert.equal(sources.find(({ source }) => source === 'web')?.accepted, 5005)
})

test('the-six-calls: the code sends each call, with and without types', { timeout: 60_000 }, async () => {
  await using rig = await GuideServer.start()
  const names = await writeGuideCode('the-six-calls', rig.folder, rig.server.url)
  assert.deepEqual(names, ['six-calls.js', 'six-calls-typed.ts'])
  await rig.node(`await import('./six-calls.js'); await import('./six-calls-typed.ts')`)
  const messages = await rig.arrived('web', 11)
  assert.deepEqual(messages.map(({ type, event }) => (typeof event === 'string' ? event : type)).sort(), [
    'Order Completed',
    'Order Completed',
    'Order Completed',
    'Product Viewed',
    'Tea Brewed',
    'Tea Brewed',
    'alias',
    'group',
    'identify',
    'page',
    'screen',
  ])
})
