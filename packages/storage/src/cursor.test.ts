import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compareCursors, startOfLog } from './cursor.ts'

it('orders cursors by block, then by index', () => {
  const cursors = [
    startOfLog,
    { block: 0, index: 1 },
    { block: 5, index: 0 },
    { block: 5, index: 9 },
    { block: 2 ** 50, index: 0 },
  ]
  for (const [i, a] of cursors.entries()) {
    for (const [j, b] of cursors.entries()) assert.equal(Math.sign(compareCursors(a, b)), Math.sign(i - j))
  }
})
