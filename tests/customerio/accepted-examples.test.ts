import { destinations } from '@millrace/destinations'
import type { Json } from '@millrace/protocol'
import { startFakeCustomerIo, type FakeCustomerIo } from '@millrace/testkit'
import assert from 'node:assert/strict'
import { it } from 'node:test'

async function post(fake: FakeCustomerIo, path: string, body: Json): Promise<[number, unknown]> {
  const authorization = `Basic ${Buffer.from('site:key').toString('base64')}`
  const response = await fetch(fake.url + path, {
    method: 'POST',
    headers: { authorization },
    body: JSON.stringify(body),
  })
  return [response.status, await response.json()]
}

it('Customer.io accepts the request of every declared example, alone and in one batch', async () => {
  const declared = await destinations['customerio']?.()
  assert.ok(declared)
  await using fake = await startFakeCustomerIo({ siteId: 'site', apiKey: 'key' })
  const batch: Json[] = []
  for (const [name, { examples }] of Object.entries(declared.actions)) {
    for (const { title, requests } of examples) {
      for (const request of requests) {
        const isMetric = name === 'reportDeliveryEvent'
        const path = isMetric ? '/api/v1/metrics' : '/api/v2/entity'
        assert.deepEqual(await post(fake, path, request), [200, {}], `${name}: ${title}`)
        if (!isMetric) batch.push(request)
      }
    }
  }
  assert.ok(batch.length >= 14)
  assert.deepEqual(await post(fake, '/api/v2/batch', { batch }), [200, {}])
  assert.equal(fake.metrics().length, 1)
})
