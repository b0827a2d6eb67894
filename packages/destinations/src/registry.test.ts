import type { FieldSpec, Fields } from '@millrace/component-kit'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { destinationFolders, registryFile, registrySource } from '../../../scripts/generate-registry.ts'
import { destinations } from './index.ts'

/** One name per thing: names of settings that mean something everywhere, and other spellings that must not appear. */
const canonicalNames: { readonly [spelling: string]: string } = {
  timeout: 'timeoutMs',
  timeoutSeconds: 'timeoutMs',
  uri: 'url',
  endpointUrl: 'url',
  webhookUrl: 'url',
  apikey: 'apiKey',
  api_key: 'apiKey',
  batch_size: 'batchSize',
  maxBatchSize: 'batchSize',
  secret: 'signingSecret',
  sharedSecret: 'signingSecret',
  filePath: 'path',
  fileName: 'path',
}

const secretName = /secret|password|token|apiKey|authorization|privateKey/i

function checkFields(where: string, fields: Fields): void {
  for (const [name, spec] of Object.entries<FieldSpec>(fields)) {
    const label = `${where}.${name}`
    assert.match(name, /^[a-z][A-Za-z0-9]*$/, `${label}: camelCase`)
    assert.equal(canonicalNames[name], undefined, `${label}: the canonical name is ${canonicalNames[name]}`)
    assert.notEqual(spec.label.trim(), '', `${label}: has a label`)
    assert.match(spec.description, /[.:]$/, `${label}: the description is a sentence`)
    assert.notEqual(spec.example, undefined, `${label}: has an example`)
    if (spec.choices)
      assert.ok(
        spec.choices.some((choice) => choice === spec.example),
        `${label}: the example is one of the choices`,
      )
  }
}

test('the generated registry lists exactly the folders', () => {
  assert.equal(
    readFileSync(registryFile, 'utf8'),
    registrySource(destinationFolders()),
    'stale: run node scripts/generate-registry.ts',
  )
  assert.deepEqual(Object.keys(destinations).sort(), destinationFolders())
  assert.notEqual(Object.keys(destinations).length, 0)
})

for (const [slug, load] of Object.entries(destinations)) {
  test(`${slug}: is declared under its slug, with named and described settings, actions and fields`, async () => {
    const destination = await load()
    assert.equal(destination.slug, slug)
    assert.match(slug, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    assert.notEqual(destination.name, '')
    assert.match(destination.description, /\.$/)
    checkFields(`${slug}.settings`, destination.settings)
    for (const [name, spec] of Object.entries<FieldSpec>(destination.settings)) {
      if (secretName.test(name)) assert.equal(spec.type, 'secret', `${slug}.${name}: holds a secret`)
      if (name.endsWith('Ms'))
        assert.match(spec.description, /millisecond/i, `${slug}.${name}: the description says the unit`)
    }
    assert.notEqual(Object.keys(destination.actions).length, 0)
    for (const [name, action] of Object.entries(destination.actions)) {
      assert.match(name, /^[a-z][A-Za-z0-9]*$/)
      assert.match(action.description, /\.$/, `${slug}.${name}: the description is a sentence`)
      assert.equal(action.settings, destination.settings, `${slug}.${name}: shares the settings of the destination`)
      assert.notEqual(action.examples.length, 0, `${slug}.${name}: has an example`)
      checkFields(`${slug}.${name}`, action.fields)
    }
    const names = destination.presets?.map((preset) => preset.name) ?? []
    assert.equal(new Set(names).size, names.length, `${slug}: each preset has its own name`)
    for (const preset of destination.presets ?? []) {
      assert.ok(Object.hasOwn(destination.actions, preset.action), `${slug}: preset ${preset.name} names an action`)
    }
  })
}
