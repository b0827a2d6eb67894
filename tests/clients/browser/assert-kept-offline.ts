import assert from 'node:assert/strict'
import { eventually } from '../../support/eventually.ts'
import { countedTracks } from './calls.ts'
import { numbersOf } from './counts.ts'
import { startCalls } from './page-calls.ts'
import type { Visit } from './rig.ts'

/** What is called while the browser says that it is offline is not even tried, and sent when it is online again. */
export const assertKeptOffline = async (visit: Visit): Promise<void> => {
  const { page } = visit
  await page.context().setOffline(true)
  await startCalls(page, countedTracks(0, 3))
  await page.context().setOffline(false)
  await eventually('what was called offline arrives', () => visit.arrived().length === 3 || undefined)
  assert.deepEqual(visit.failed, [], 'nothing was tried in vain')
  assert.deepEqual(numbersOf(visit.arrived()), [0, 1, 2])
}
