import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { encodeFrame, FrameReader } from './frames.ts'

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    const frame = fc.record({ result: fc.jsonValue(), body: fc.uint8Array({ maxLength: 50 }) })
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, cuts) => {
        const all = Buffer.concat(
          sent.flatMap(({ result, body }) => encodeFrame({ ok: true, result }, Buffer.from(body))),
        )
        const reader = new FrameReader<{ result: unknown }>()
        const received = []
        for (let from = 0, i = 0; from < all.length; i++) {
          const length = cuts[i % cuts.length] ?? 1
          received.push(...reader.push(all.subarray(from, from + length)))
          from += length
        }
        const expected = sent.map(({ result, body }) => [JSON.stringify(result), Buffer.from(body)])
        assert.deepEqual(
          received.map(({ head, body }) => [JSON.stringify(head.result), Buffer.from(body)]),
          expected,
        )
      }),
    )
  })
})
