import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Json } from '@millrace/protocol'
import { compileMapping } from './compile-mapping.ts'
import { MappingError } from './mapping-error.ts'

interface Case {
  name: string
  mapping: Json
  payload: Json
  expect?: Json
  error?: { stage: string; paths?: string[] }
}
const cases = JSON.parse(readFileSync(new URL('mapping-cases.json', import.meta.url), 'utf8')) as Case[]

/** As it arrives in JSON: keys without a value left out, list places without a value null. */
const asJson = (value: unknown): unknown => {
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : (JSON.parse(text) as unknown)
}

describe('the published mapping cases', () => {
  it('are all here', () => assert.equal(cases.length, 294))
  for (const { name, mapping, payload, expect, error } of cases) {
    it(name, () => {
      if (error === undefined) assert.deepEqual(asJson(compileMapping(mapping).apply(payload)), expect)
      else assert.throws(() => compileMapping(mapping).apply(payload), MappingError)
    })
  }
})
