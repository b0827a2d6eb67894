import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { gunzipSync } from 'node:zlib'
import type { BrowserScripts, MissingPackage, ScriptVendor, ServedFile } from '@millrace/ingestion'
import { readBrowserScripts } from './browser-scripts.ts'
import { vendorPackages } from './vendors.ts'

const require = createRequire(import.meta.url)
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`))
const vendors: readonly ScriptVendor[] = ['segment', 'customerio']
const found = (file: ServedFile | MissingPackage | undefined): ServedFile => {
  assert.ok(file !== undefined && !('missing' in file))
  return file
}
const scripts = readBrowserScripts()

for (const vendor of vendors) {
  const { name, folder, sdk } = vendorPackages[vendor]
  const path = join(folderOf(name), folder)

  test(`the script of ${vendor} is the file of ${name}, byte by byte, but for the write key in its placeholder`, () => {
    const original = readFileSync(join(path, sdk), 'utf8')
    assert.equal(original.split('__WRITE_KEY__').length, 2)
    const { bytes, gzip, contentType } = found(scripts.sdk(vendor, 'wk_1'))
    assert.equal(bytes.toString().replace('"wk_1"', '"__WRITE_KEY__"'), original)
    assert.deepEqual(gunzipSync(gzip ?? ''), bytes)
    assert.equal(contentType, 'text/javascript; charset=utf-8')
  })

  test(`every part that the script of ${vendor} may load is served as it is, compressed as the package has it`, () => {
    const parts = readdirSync(path).filter((file) => file.endsWith('.js') && !/^(?:index|standalone)\.js$/.test(file))
    assert.ok(parts.length >= 7)
    for (const part of parts) {
      const { bytes, gzip, isImmutable } = found(scripts.chunk(vendor, part))
      assert.deepEqual(bytes, readFileSync(join(path, part)))
      assert.deepEqual(gunzipSync(gzip ?? ''), bytes)
      assert.equal(isImmutable, /\.[0-9a-f]{20}\.js$/.test(part))
    }
  })
}

test('our own script is the built one, with the write key in its placeholder; a checkout that was not built has none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-scripts-'))
  const read = (): BrowserScripts =>
    readBrowserScripts((name) => (name === '@millrace/browser' ? folder : folderOf(name)))
  try {
    assert.deepEqual(read().sdk('millrace', 'wk_1'), { missing: '@millrace/browser' })
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist/analytics.min.js'), 'start("__WRITE_KEY__")')
    assert.equal(found(read().sdk('millrace', 'wk_1')).bytes.toString(), 'start("wk_1")')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a write key cannot end the text that it stands in, nor the script of a page', () => {
  for (const writeKey of ['a"b', 'a\\', "'+alert(1)+'", '</script><script>', '$&']) {
    const text = found(scripts.sdk('segment', writeKey)).bytes.toString()
    const literal = /window\.analyticsWriteKey=("(?:[^"\\]|\\.)*")/.exec(text)?.[1] ?? ''
    assert.equal(runInNewContext(literal), writeKey)
    assert.equal(text.includes('</script>'), false)
  }
})

test('keeps few variants, and makes the same one again', () => {
  const scripts = readBrowserScripts()
  const first = found(scripts.sdk('segment', 'wk_0'))
  assert.equal(scripts.sdk('segment', 'wk_0'), first)
  for (let number = 1; number <= 32; number++) scripts.sdk('segment', `wk_${number}`)
  const again = found(scripts.sdk('segment', 'wk_0'))
  assert.notEqual(again, first)
  assert.equal(again.etag, first.etag)
  assert.notEqual(found(scripts.sdk('segment', 'wk_1')).etag, first.etag)
})

test('has the files of the table only, by their exact names', () => {
  for (const name of ['standalone.js', 'index.js', 'index.js.map', '../package.json', '', '__proto__', '573.js.gz']) {
    assert.equal(scripts.chunk('customerio', name), undefined, name)
  }
})

test('names the package that is not installed, and one whose files are missing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-scripts-'))
  try {
    mkdirSync(join(folder, 'dist/umd'), { recursive: true })
    writeFileSync(join(folder, 'dist/umd/ajs-destination.js'), '')
    const without: BrowserScripts = readBrowserScripts((name) => {
      if (name === '@customerio/cdp-analytics-browser') return folder
      throw Object.assign(new Error(name), { code: 'MODULE_NOT_FOUND' })
    })
    assert.deepEqual(without.sdk('segment', 'k'), { missing: '@segment/analytics-next' })
    assert.deepEqual(without.chunk('segment', 'x.js'), { missing: '@segment/analytics-next' })
    assert.deepEqual(without.sdk('customerio', 'k'), { missing: '@customerio/cdp-analytics-browser' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
