import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '@millrace/component-kit'
import { decodeDeadLetter, deliveryState } from './delivery-state.ts'
import { compileActions } from './destination-config.ts'
import { FakeDestination, configOf, sendTracks } from './testing/fake-destination.ts'
import { opened, rowsOf, startRunner } from './testing/start-runner.ts'

const rejected: Outcome = { status: 'rejected', code: 'bad', message: 'never' }

test('actions that share their function share batches, and each payload names its action', async () => {
  const scene = await opened(rowsOf(4), [{ id: 'm4', person: 'p0', type: 'page' }])
  const fake = new FakeDestination({ maxMessages: 3 })
  const { fields } = sendTracks
  const actions = [
    { name: 'all', action: 'first', trigger: 'type != null', fields },
    { name: 'tracks', action: 'second', trigger: 'type = "track"', fields },
  ]
  const config = configOf({ actions, delivery: { ...configOf().delivery, concurrency: 1 } })
  const { stop } = await startRunner(scene, fake, { config })
  await scene.untilDone('hook')
  await stop()
  assert.deepEqual(fake.batchSizes, [3, 3, 3])
  assert.deepEqual(
    fake.accepted.map(({ action, id }) => `${action} ${id}`),
    // One person after the other; of one whose batch was full, the rest comes last.
    'first m0,second m0,first m4,first m1,second m1,first m2,first m3,second m3,second m2'.split(','),
  )
  assert.deepEqual(await scene.problems(), [])
})

test('two mappings of one action have their own keys and dead letters', async () => {
  const scene = await opened(rowsOf(1))
  const fake = new FakeDestination()
  fake.script = () => rejected
  const config = configOf({ actions: [sendTracks, { ...sendTracks, name: 'send#2' }] })
  const { stop } = await startRunner(scene, fake, { config })
  await scene.untilDone('hook')
  await stop()
  assert.deepEqual(
    fake.received.map(({ action }) => action),
    ['send', 'send'],
  )
  assert.equal(new Set(fake.received.map(({ key }) => key)).size, 2)
  const letters = (await scene.state.scan(deliveryState.dead)).map(({ value }) => decodeDeadLetter(value))
  assert.deepEqual(
    letters.map(({ action }) => action),
    ['send', 'send#2'],
  )
  assert.throws(
    () => compileActions(configOf({ actions: [sendTracks, sendTracks] }), fake.destination),
    /destination "hook" has two mappings named "send"/,
  )
})
