import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diskQuotaOf, segmentBytesFor } from './disk-quota.ts'

const GIB = 1024 ** 3
const MIB = 1024 ** 2

test('the quota leaves a tenth of the disk free, at most 1 GiB, and is less when the workspace says so', () => {
  const small = { logBytes: 2 * MIB, freeBytes: 48 * MIB, diskBytes: 100 * MIB }
  assert.equal(diskQuotaOf(small), 40 * MIB)
  assert.equal(diskQuotaOf({ logBytes: 5 * GIB, freeBytes: 95 * GIB, diskBytes: 500 * GIB }), 99 * GIB)
  assert.equal(diskQuotaOf(small, 10 * MIB), 10 * MIB)
  assert.equal(diskQuotaOf(small, 10 * GIB), 40 * MIB, 'more than there is helps nobody')
})

test('a small log may stay, whatever else fills the disk', () => {
  assert.equal(diskQuotaOf({ logBytes: MIB, freeBytes: 0, diskBytes: 500 * GIB }), GIB)
  assert.equal(diskQuotaOf({ logBytes: MIB, freeBytes: 0, diskBytes: 50 * MIB }), 5 * MIB)
})

test('a segment is a sixteenth of what is kept, within bounds', () => {
  assert.equal(segmentBytesFor(16 * MIB), MIB)
  assert.equal(segmentBytesFor(0), 64 * 1024)
  assert.equal(segmentBytesFor(Number.POSITIVE_INFINITY), 128 * MIB)
})
