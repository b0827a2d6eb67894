import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Key, ScanOptions, StateStore } from '@millrace/storage'
import { arbitraryKey, arbitraryPart, compareKeys } from './arbitrary-key.ts'
import { withStore } from './state-store-driver.ts'
import type { StateStoreDriver } from './state-store-driver.ts'

const arbitraryOptions: fc.Arbitrary<ScanOptions> = fc.record(
  {
    prefix: fc.array(arbitraryPart, { maxLength: 2 }),
    from: fc.oneof(arbitraryKey, fc.constant([])),
    to: arbitraryKey,
    limit: fc.nat({ max: 12 }),
    reverse: fc.boolean(),
  },
  { requiredKeys: [] },
)

/** What a scan must give, said plainly. `keys` are sorted. */
const scanOf = (keys: readonly Key[], options: ScanOptions): Key[] => {
  const { prefix, from, to } = options
  const found = keys.filter(
    (key) =>
      (prefix === undefined || compareKeys(key.slice(0, prefix.length), prefix) === 0) &&
      (from === undefined || compareKeys(key, from) >= 0) &&
      (to === undefined || compareKeys(key, to) < 0),
  )
  if (options.reverse === true) found.reverse()
  return found.slice(0, options.limit ?? 1000)
}

const keysOf = (entries: readonly { key: Key }[]): Key[] => entries.map(({ key }) => key)

const putAll = (store: StateStore, space: string, keys: readonly Key[]): Promise<void> =>
  store.transaction((tx) => {
    for (const key of keys) tx.put(space, key, Buffer.from(JSON.stringify(key)))
  })

export const testScanning = <Place>(driver: StateStoreDriver<Place>): void => {
  const arbitraryKeys = fc.uniqueArray(arbitraryKey, {
    maxLength: 25,
    comparator: (a, b) => compareKeys(a, b) === 0,
  })

  describe('scan and floor', () => {
    it('orders keys part by part, numbers by value before strings by UTF-8 bytes', () =>
      withStore(driver, async (store) => {
        let run = 0
        await fc.assert(
          fc.asyncProperty(arbitraryKeys, async (keys) => {
            const space = `ordered_${run++}`
            await putAll(store, space, keys)
            const entries = await store.scan(space)
            const sorted = [...keys].sort(compareKeys)
            assert.deepEqual(keysOf(entries), sorted)
            for (const { key, value } of entries) assert.equal(Buffer.from(value).toString(), JSON.stringify(key))
          }),
          { numRuns: 60 },
        )
      }))

    it('takes prefix, from, to, limit and reverse in every combination', () =>
      withStore(driver, async (store) => {
        let run = 0
        await fc.assert(
          fc.asyncProperty(
            arbitraryKeys,
            fc.array(arbitraryOptions, { minLength: 1, maxLength: 10 }),
            fc.nat(),
            async (keys, options, pick) => {
              const space = `scanned_${run++}`
              await putAll(store, space, keys)
              const sorted = [...keys].sort(compareKeys)
              const known = sorted[pick % Math.max(1, sorted.length)] ?? []
              for (const given of [...options, { from: known }, { to: known }, { prefix: known.slice(0, 1) }]) {
                assert.deepEqual(keysOf(await store.scan(space, given)), scanOf(sorted, given), JSON.stringify(given))
              }
            },
          ),
          { numRuns: 60 },
        )
      }))

    it('finds the greatest key that is not after the given one', () =>
      withStore(driver, async (store) => {
        let run = 0
        await fc.assert(
          fc.asyncProperty(arbitraryKeys, arbitraryKey, async (keys, wanted) => {
            const space = `floored_${run++}`
            await putAll(store, space, keys)
            for (const key of [wanted, ...keys]) {
              const expected = keys.filter((one) => compareKeys(one, key) <= 0).sort(compareKeys)
              assert.deepEqual((await store.floor(space, key))?.key, expected.at(-1))
            }
          }),
          { numRuns: 40 },
        )
      }))

    it('gives at most 1,000 entries unless told otherwise', () =>
      withStore(driver, async (store) => {
        await putAll(
          store,
          'many',
          Array.from({ length: 1200 }, (_, index) => [index]),
        )
        assert.equal((await store.scan('many')).length, 1000)
        assert.equal((await store.scan('many', { limit: 1100 })).length, 1100)
        assert.deepEqual(keysOf(await store.scan('many', { limit: 2, reverse: true })), [[1199], [1198]])
      }))

    it('finds nothing in a space that nothing was put into', () =>
      withStore(driver, async (store) => {
        assert.deepEqual(await store.scan('unknown'), [])
        assert.equal(await store.get('unknown', ['a']), undefined)
        assert.equal(await store.floor('unknown', ['a']), undefined)
      }))

    it('refuses numbers that are no order: negative, fractional, beyond 2^53', () =>
      withStore(driver, async (store) => {
        for (const part of [-1, 1.5, Number.NaN, 2 ** 53]) {
          await assert.rejects(
            store.transaction((tx) => tx.put('refused', [part], Buffer.from('x'))),
            RangeError,
          )
        }
        assert.deepEqual(await store.scan('refused'), [])
      }))
  })
}
