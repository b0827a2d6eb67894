import { presetsOf } from '@millrace/component-kit'
import { destinations } from '@millrace/destinations'
import type { DestinationConfig } from '@millrace/delivery'
import { sourceLedgers } from '@millrace/pipeline'
import type { JsonObject } from '@millrace/protocol'
import { startFakeCustomerIo } from '@millrace/testkit'
import type { CustomerIoEvent, FakeCustomerIo, FakeCustomerIoOptions } from '@millrace/testkit'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InProcessPipeline, destination, isSettled } from '../structure/in-process-pipeline.ts'
import { examples, type Example } from './examples.ts'
import { expectedPeople, type Expected, type ExpectedEvent } from './expected-people.ts'

const credentials = { siteId: 'site', apiKey: 'key' }

/** What one workspace and the ledgers hold after examples were posted, in order, and delivered. */
interface Run {
  fake: FakeCustomerIo
  rejected: JsonObject
  duplicates: number
  delivered: number
  dead: JsonObject
}

/** Sends examples through ingestion, resolve and delivery, by the presets of the destination. */
async function run(
  sent: readonly Example[],
  check: (run: Run) => void,
  fakeOptions: Partial<FakeCustomerIoOptions> = {},
) {
  const declared = await destinations['customerio']?.()
  assert.ok(declared)
  await using fake = await startFakeCustomerIo({ ...credentials, ...fakeOptions })
  const pipeline = new InProcessPipeline()
  await pipeline.open()
  try {
    for (const { body } of sent) assert.equal(await pipeline.send(body, '/v1/batch'), 200)
    while ((await pipeline.resolve()) > 0);
    const config: DestinationConfig = destination('cio', 'customerio', {
      name: 'Customer.io',
      settings: { ...credentials, accountRegion: 'US', endpoint: fake.url },
      actions: presetsOf(declared).map(({ action, trigger, fields }) => ({ name: action, action, trigger, fields })),
    })
    const [source] = await sourceLedgers(pipeline.log, pipeline.resolveStore)
    await pipeline.deliver([config], (all) => isSettled(all) || source?.resolved === 0)
    const ledgers = await pipeline.ledgers()
    check({
      fake,
      rejected: source?.rejected ?? {},
      duplicates: source?.duplicate ?? 0,
      delivered: ledgers[0]?.delivered ?? 0,
      dead: ledgers[0]?.dead ?? {},
    })
  } finally {
    await pipeline.close()
  }
}

/** The expected events as Customer.io shows them: with the id, and with the properties of their messages. */
const eventsOf = (expected: readonly ExpectedEvent[] = [], { messages }: Example): CustomerIoEvent[] =>
  expected.map(({ message, kind, name, timestamp, changes, without = [] }) => {
    const { messageId, properties } = messages[message] ?? {}
    const kept = Object.entries((properties ?? {}) as JsonObject).filter(([key]) => !without.includes(key))
    const attributes = { ...Object.fromEntries(kept), ...changes }
    return { kind, name, id: messageId as string, timestamp, attributes }
  })

/** An id that ingestion gave is not known before. */
const withKnownIds = (events: readonly CustomerIoEvent[], example: Example): object[] =>
  events.map((event) =>
    example.messages.some(({ messageId }) => messageId === undefined) ? { ...event, id: undefined } : event,
  )

const objectName = ({ typeId, id }: { typeId: string; id: string }): string => `${typeId}:${id}`

function checkPeople({ fake }: Run, expected: Expected, example: Example): void {
  const byId = <T extends { id?: string }>(people: readonly T[]): T[] =>
    [...people].sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1))
  const people = byId(fake.people()).map(({ cioId, ...person }) => {
    const id = `cio_${cioId}`
    return {
      ...person,
      events: withKnownIds(fake.eventsOf(id), example),
      devices: fake.devicesOf(id),
      relationships: fake.relationshipsOf(id).map(({ object, attributes }) => [objectName(object), attributes]),
    }
  })
  assert.deepEqual(
    people,
    byId(expected.people ?? []).map(({ attributes = {}, events, devices = [], relationships = {}, ...person }) => ({
      ...person,
      attributes,
      events: withKnownIds(eventsOf(events, example), example),
      devices,
      relationships: Object.entries(relationships),
    })),
  )
}

function checkRun(result: Run, expected: Expected, example: Example): void {
  const { fake, rejected, duplicates, delivered, dead } = result
  const { anonymous = {}, objects = {}, notices = [] } = expected
  checkPeople(result, expected, example)
  assert.deepEqual(
    fake.objects().map(({ attributes, ...object }) => [objectName(object), attributes]),
    Object.entries(objects),
  )
  assert.deepEqual(
    Object.fromEntries(fake.anonymousIds().map((id) => [id, fake.anonymousEvents(id)])),
    Object.fromEntries(Object.entries(anonymous).map(([id, events]) => [id, eventsOf(events, example)])),
  )
  assert.deepEqual(
    fake.notices().map(({ why }) => why),
    notices,
  )
  assert.deepEqual({ ...rejected }, expected.rejected ?? {})
  assert.equal(duplicates, expected.duplicates ?? 0)
  assert.deepEqual({ ...dead }, expected.dead ?? {})
  const lost = [expected.rejected, expected.dead].flatMap((counts) => Object.values(counts ?? {}))
  assert.equal(delivered, example.messages.length - duplicates - lost.reduce((sum, count) => sum + count, 0))
}

describe('a Customer.io workspace after each example', () => {
  it('has expectations for all 66 examples, and no others', () => {
    assert.equal(examples.length, 66)
    assert.deepEqual(
      examples.map(({ file }) => file),
      Object.keys(expectedPeople),
    )
  })

  for (const example of examples) {
    it(example.file, async () => {
      const expected = expectedPeople[example.file]
      assert.ok(expected)
      await run([example], (result) => checkRun(result, expected, example))
    })
  }
})

describe('a Customer.io workspace after all examples together', () => {
  const described = ({ kind, name, timestamp }: { kind: string; name: string; timestamp: number }): string =>
    `${timestamp} ${kind} ${name}`
  /** What a person did in all files. */
  const deedsOf = (id: string): string[] =>
    Object.values(expectedPeople).flatMap(({ people = [] }) =>
      people.filter((person) => person.id === id).flatMap(({ events = [] }) => events.map(described)),
    )
  const emails: { readonly [id: string]: string | undefined } = {
    '4711': undefined,
    usr_7Q2M: 'ines@mail.example',
    usr_88: 'k@mail.example',
    usr_9: 'n@mail.example',
    usr_S1: 's1@mail.example',
    usr_S2: 's2@mail.example',
    usr_SEQ1: 'seq1@mail.example',
    usr_SEQ2: 'seq2@mail.example',
  }

  const check = ({ fake }: Run): void => {
    assert.deepEqual(Object.fromEntries(fake.people().map(({ id = '', email }) => [id, email])), emails)
    // The page of file 05 was viewed in the browser that file 01 names.
    const page = expectedPeople['05-page-browser.json']?.anonymous?.['62f60c7c-95b5-5338-afe4-3ae3bf46bd57'] ?? []
    for (const id of Object.keys(emails)) {
      const deeds = [...deedsOf(id), ...(id === 'usr_7Q2M' ? page.map(described) : [])]
      assert.deepEqual(fake.eventsOf(id).map(described).sort(), deeds.sort(), id)
    }
    // File 54 is later than file 01: it shortens the name and removes the phone number.
    const { phone: _phone, ...attributes } =
      expectedPeople['01-identify-full-traits.json']?.people?.[0]?.attributes ?? {}
    assert.deepEqual(fake.person('usr_7Q2M')?.attributes, { ...attributes, name: 'Inês' })
    assert.deepEqual(
      fake.objects().map(({ id }) => id),
      ['org_19', 'org_2'],
    )
    assert.deepEqual(
      fake.relationshipsOf('usr_7Q2M').map(({ object: { id } }) => id),
      ['org_19'],
    )
    assert.equal(fake.devicesOf('usr_7Q2M').length, 1)
    assert.deepEqual(fake.anonymousIds(), ['2c675018-cb5f-5b8c-8c24-4ecaf585406b'])
  }

  it('has one profile for each person, with all that this person did', async () => {
    await run(examples, (result) => {
      check(result)
      assert.ok(result.fake.requests.some(({ path }) => path === '/api/v2/batch'))
    })
  })

  it('is the same when Customer.io is busy and unreachable for a while', async () => {
    const failures = [
      { status: 503 },
      { status: 429 },
      { status: 0 },
      { status: 500 },
      { status: 502, body: 'bad gateway' },
    ]
    await run(
      examples,
      (result) => {
        check(result)
        assert.deepEqual(
          result.fake.requests.slice(0, failures.length).map(({ status }) => status),
          failures.map(({ status }) => status),
        )
      },
      { failures },
    )
  })
})

describe('a request that takes effect while its answer is lost', () => {
  it('is sent again, so an event counts twice, unless its messageId is a ULID', async () => {
    const track = (messageId: string): JsonObject => ({ type: 'track', userId: 'u-1', event: 'Bought', messageId })
    const identify = { type: 'identify', userId: 'u-1', traits: { plan: 'pro' }, messageId: 'i' }
    const messages = [identify, track('01JABCDEFGHJKMNPQRSTVWXYZ0'), track('aa00cdae-3e12-5fbd-bdc4-c4fece3b1b48')]
    const body = { batch: messages }
    await run(
      [{ file: '', messages, body }],
      ({ fake, delivered }) => {
        assert.equal(delivered, 3)
        assert.equal(fake.people().length, 1)
        assert.deepEqual(
          fake
            .eventsOf('u-1')
            .map(({ id = '' }) => id)
            .sort(),
          [
            '01JABCDEFGHJKMNPQRSTVWXYZ0',
            'aa00cdae-3e12-5fbd-bdc4-c4fece3b1b48',
            'aa00cdae-3e12-5fbd-bdc4-c4fece3b1b48',
          ],
        )
      },
      { failures: [{ status: 0, applied: true }] },
    )
  })
})
