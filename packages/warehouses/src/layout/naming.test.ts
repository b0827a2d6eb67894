import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { snakeCase } from './naming.ts'

/** Sent, Segment, RudderStack: the table of item 11. */
const cases: [string, string, string][] = [
  ['HTTPServer', 'httpserver', 'http_server'],
  ['iOSVersion', 'i_osversion', 'i_os_version'],
  ['productId2x', 'product_id2x', 'product_id2_x'],
  ['9mega', '9mega', '_9mega'],
  ['__timestamp', 'timestamp', '__timestamp'],
  ['CamelCase123Key', 'camel_case123_key', 'camel_case123_key'],
  ['omega v2', 'omega_v2', 'omega_v2'],
  ['userID', 'user_id', 'user_id'],
  ['Order Completed', 'order_completed', 'order_completed'],
  ['path to $1,00,000', 'path_to_1_00_000', 'path_to_1_00_000'],
  ['Cízǔ', 'c_z', 'c_z'],
  ['$$$', '', ''],
]

describe('snake case (item 11)', () => {
  for (const [sent, segment, rudderstack] of cases) {
    it(`names ${sent} as ${segment || 'nothing'} and ${rudderstack || 'nothing'}`, () => {
      assert.equal(snakeCase('segment', sent), segment)
      assert.equal(snakeCase('rudderstack', sent), rudderstack)
    })
  }

  it('gives only lower case, digits and underscores', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('segment' as const, 'rudderstack' as const),
        (name, naming) => {
          assert.match(snakeCase(naming, name), /^[a-z0-9_]*$/)
        },
      ),
    )
  })

  it('leaves a name of the Segment rule as it is (item 11)', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const once = snakeCase('segment', name)
        assert.equal(snakeCase('segment', once), once)
      }),
    )
  })
})
