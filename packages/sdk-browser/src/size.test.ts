import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { buildEntry } from '../bundle.ts'
import type { BuiltFile } from '../bundle.ts'

/** Minified, gzip -9. */
const budgetBytes = {
  'core.js': 6 * 1024,
  'index.js': 11 * 1024,
  'millrace.min.js': 11 * 1024,
  'analytics.min.js': 11 * 1024,
}

for (const [file, most] of Object.entries(budgetBytes)) {
  test(`${file} has at most ${most} bytes when it is compressed`, async (t) => {
    const { length } = gzipSync(await buildEntry(file as BuiltFile), { level: 9 })
    t.diagnostic(`${length} bytes`)
    assert.ok(length <= most, `${length} bytes`)
  })
}

test('the script that is served has one place for the write key', async () => {
  assert.equal((await buildEntry('analytics.min.js')).split('"__WRITE_KEY__"').length, 2)
})

test('what is loaded where there is no page does nothing, and evaluates no text', async () => {
  const text = await buildEntry('millrace.min.js')
  const context = { console }
  runInNewContext(`${text};globalThis.made = millrace.createAnalytics({ writeKey: 'wk' })`, context)
  assert.ok('made' in context)
  assert.doesNotMatch(text, /\beval\(|new Function\b/)
})
