import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { checkBatch } from './batch.ts'
import { standardEventOf } from './events/standard-event-of.ts'
import seed from './fixtures/seed-example.json' with { type: 'json' }
import type { Json, JsonObject } from './json.ts'
import { typeOf } from './message-type.ts'
import { correctTimes } from './timestamps.ts'
import { checkMessage } from './validate.ts'
import { violationsOf } from './violations.ts'

const folder = new URL('fixtures/examples/', import.meta.url)
const read = (file: string): Json => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Json

/** Every example message with the file that it comes from; batches and sequences are taken apart. */
const examples = readdirSync(folder).flatMap((file) => {
  const content = read(file) as JsonObject | JsonObject[]
  const messages = Array.isArray(content) ? content : ((content.batch ?? [content]) as JsonObject[])
  return messages.map((message) => ({ file, message }))
})

const check = (message: JsonObject): string | undefined => {
  const type = typeOf(message, undefined)
  return type === undefined ? 'unknown_type' : checkMessage(message, type)?.code
}

test('every example that is meant to be valid is accepted', () => {
  const valid = examples.filter(({ file }) => !file.includes('invalid'))
  assert.ok(valid.length >= 60)
  for (const { file, message } of valid) assert.equal(check(message), undefined, file)
  assert.equal(check(seed), undefined)
})

test('the invalid examples are refused for what is wrong with them', () => {
  assert.equal(check(read('60-invalid-no-identity.json') as JsonObject), 'no_identity')
  assert.equal(check(read('61-invalid-track-without-event.json') as JsonObject), 'no_event')
})

test('the example batch is accepted as a batch', () => {
  assert.equal(checkBatch(read('09-batch-mixed.json'), 5), undefined)
})

test('the stored timestamp of every example is what the rule gives', () => {
  let compared = 0
  for (const { file, message } of examples) {
    if (file.includes('duplicate')) continue // its second copy arrives later and keeps the first's timestamp
    const { receivedAt, sentAt, originalTimestamp, timestamp } = message
    if (typeof receivedAt !== 'string' || sentAt === undefined || originalTimestamp === undefined) continue
    assert.equal(
      correctTimes({ receivedAtMs: Date.parse(receivedAt), sentAt, originalTimestamp }).timestamp,
      timestamp,
      file,
    )
    compared++
  }
  assert.ok(compared >= 40, `only ${compared} examples have all times`)
})

test('the examples of semantic events are found and follow the dictionary, but for the one with a numeric build', () => {
  const ofEvents = examples.filter(({ file }) => /^\d+-(ab|ecom|mobile|email|chat|video|b2b)-/.test(file))
  assert.ok(ofEvents.length >= 30)
  for (const { file, message } of ofEvents) {
    const event = standardEventOf(message.event as string)
    assert.ok(event, file)
    const paths = violationsOf(event, message.properties as JsonObject).map(({ path }) => path)
    assert.deepEqual(paths, file.includes('numeric-build') ? ['properties.previous_build'] : [], file)
  }
})
