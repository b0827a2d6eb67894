import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { MemoryEventLog, MemoryStateStore, removeFolder, temporaryFolder } from '@millrace/testkit'
import { blockOfRows } from './testing/block-of-rows.ts'
import { openResolver, resolveAll } from './testing/resolving.ts'
import { readViolations } from './violation-counts.ts'

const directory = await temporaryFolder()
after(() => removeFolder(directory))

const price = (index: number): string => `properties.products[${index}].price`
const [firstMs, lastMs] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)]

test('counts messages by source, event and property, once for each message, and not the copies that are taken out', async () => {
  const log = new MemoryEventLog()
  const first = [
    { id: 'a', violations: [price(0), price(4), 'properties.total'] },
    { id: 'fine' },
    { rejected: 'too_deep' },
    { id: 'a', violations: ['properties.total'] },
    { id: 'a', source: 'app', violations: ['properties.total'] },
  ]
  await log.append([blockOfRows(first, firstMs)])
  await log.append([
    blockOfRows(
      [
        { id: 'b', violations: [price(1)] },
        { id: 'a', violations: [price(0)] },
      ],
      lastMs,
    ),
  ])
  const state = new MemoryStateStore()
  // One block a step, and a resolver that begins anew: counts are added to what is stored.
  const step = { log, state, directory, stepBytes: 1 }
  await (await openResolver(step)).step()
  await resolveAll(await openResolver(step), log)

  const shared = { event: 'Order Completed', kind: 'type' }
  const [at, later] = [new Date(firstMs).toISOString(), new Date(lastMs).toISOString()]
  const found = await readViolations(state)
  assert.deepEqual(found[0], {
    ...shared,
    source: 'web',
    property: 'products[].price',
    messages: 2,
    firstAt: at,
    last: { at: later, messageId: 'b', reason: `${price(1)} of b` },
  })
  assert.deepEqual(
    found.slice(1).map(({ source, property, messages }) => [source, property, messages]),
    [
      ['app', 'total', 1],
      ['web', 'total', 1],
    ],
  )
  assert.deepEqual(
    (await readViolations(state, 'app')).map(({ source }) => source),
    ['app'],
  )
  assert.deepEqual(await readViolations(state, 'ap'), [])
})

test('a commit that failed counts nothing, and the next one all', async () => {
  const log = new MemoryEventLog()
  await log.append([blockOfRows([{ id: 'a', violations: ['properties.total'] }], firstMs)])
  const state = new MemoryStateStore()
  const resolver = await openResolver({ log, state, directory })
  state.failNextTransaction()
  await assert.rejects(resolver.step())
  assert.deepEqual(await readViolations(state), [])
  await resolveAll(resolver, log)
  assert.deepEqual(
    (await readViolations(state)).map(({ messages }) => messages),
    [1],
  )
})
