import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserAgents } from './user-agents.ts'

const chrome =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1'
const googlebot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

test('reads browser, operating system and device', () => {
  const agents = new UserAgents()
  assert.deepEqual(agents.read(chrome), {
    browser: 'Chrome',
    browserVersion: '126.0.0.0',
    os: 'Mac OS',
    osVersion: '10.15.7',
  })
  assert.equal(agents.read(iphone)?.device, 'mobile')
})

test('knows bots', () => {
  const agents = new UserAgents()
  assert.equal(agents.read(googlebot)?.bot, true)
  assert.equal(agents.read('Mozilla/5.0 HeadlessChrome/126.0.0.0')?.bot, true)
  assert.equal(agents.read(chrome)?.bot, undefined)
  assert.equal(agents.read(iphone)?.bot, undefined)
})

test('gives one object per text, so that a block stores it once', () => {
  const agents = new UserAgents()
  const first = agents.read(chrome)
  agents.read(iphone)
  assert.equal(agents.read(chrome), first)
})

test('reads nothing from nothing, from nonsense and from texts too long to be user agents', () => {
  const agents = new UserAgents()
  assert.equal(agents.read(''), undefined)
  assert.equal(agents.read('-'), undefined)
  assert.equal(agents.read(chrome.padEnd(10_000, 'x')), undefined)
})

test('forgets what was not asked for lately', () => {
  const agents = new UserAgents()
  const first = agents.read(chrome)
  for (let i = 0; i < 3000; i++) agents.read(`Mozilla/5.0 Firefox/${i}.0`)
  assert.notEqual(agents.read(chrome), first)
})
