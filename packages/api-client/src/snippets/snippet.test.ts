import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quoteDouble, quoteJs, quoteShell } from './quote.ts'
import { snippetClientsOf, snippetLanguages, snippetOf } from './snippet.ts'
import type { SnippetLanguage } from './snippet.ts'

const target = { host: 'https://events.example.com', writeKey: 'wk_web' }

test('every language has a client, and the code of each says host and key', () => {
  for (const language of Object.keys(snippetLanguages) as SnippetLanguage[]) {
    const clients = snippetClientsOf(language)
    assert.ok(clients.length > 0, language)
    for (const client of clients) {
      const snippet = snippetOf(language, client, target)
      assert.ok(snippet !== undefined)
      assert.ok(snippet.code.includes(target.host) && snippet.code.includes(target.writeKey), `${language} ${client}`)
      assert.ok(snippet.code.endsWith('\n'))
    }
  }
})

test('our own client is the default where there is one', () => {
  assert.equal(snippetClientsOf('node')[0], 'millrace')
  assert.equal(snippetOf('go', 'millrace', target), undefined)
})

test('a key with quotes stays one text, in every language', () => {
  const writeKey = `a'b"c\\</script>`
  assert.equal(quoteShell(writeKey), `'a'\\''b"c\\</script>'`)
  for (const quoted of [quoteJs(writeKey), quoteDouble(writeKey)]) {
    assert.equal(JSON.parse(quoted), writeKey)
    assert.ok(!quoted.includes('</script'))
  }
  assert.equal(quoteJs('wk_web'), `'wk_web'`)
})
