import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

test('the sources import nothing but each other, so that they run in a browser', () => {
  const folder = new URL('.', import.meta.url)
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  assert.ok(sources.length > 20)
  for (const file of sources) {
    const imports = readFileSync(new URL(file, folder), 'utf8').matchAll(/from '([^']+)'/g)
    for (const [, from] of imports) assert.match(from ?? '', /^\.\.?\/[a-z0-9/-]+\.ts$/, `${file} imports ${from}`)
  }
})
