import {
  checkPayload,
  compileFields,
  compileMapping,
  compileTrigger,
  defaultMapping,
  type AnyAction,
  type ActionExample,
  type AnyDestination,
  type Fields,
  type HttpRequest,
} from '@millrace/component-kit'
import type { Json, JsonObject } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { destinations } from './index.ts'

/** Checked values of erased fields. */
type AnyValues = NonNullable<ReturnType<ReturnType<typeof compileFields<AnyAction['fields']>>['parse']>['values']>

/** Settings of an example: the examples of the required ones, under what the example says. */
function settingsFor(destination: AnyDestination, example: ActionExample): AnyValues {
  const required: JsonObject = {}
  const fields: Fields = destination.settings
  for (const [name, spec] of Object.entries(fields)) {
    if (spec.required === true) required[name] = spec.example
  }
  const parsed = compileFields(destination.settings).parse({ ...required, ...example.settings })
  assert.ok(parsed.problems === undefined, JSON.stringify(parsed.problems))
  return parsed.values
}

/** The declared example from the trigger to the request, as delivery does it. */
async function runExample(destination: AnyDestination, name: string, example: ActionExample): Promise<Json[]> {
  const action = destination.actions[name] as AnyAction
  assert.ok(compileTrigger(action.trigger).matches(example.message), 'the default trigger matches the message')
  const mapped = compileMapping(defaultMapping(action.fields)).apply(example.message)
  const checked = checkPayload(action.fields).parse(mapped)
  assert.ok(checked.problems === undefined, JSON.stringify(checked.problems))
  const requests: Json[] = []
  const dataDirectory = await mkdtemp(join(tmpdir(), 'millrace-example-'))
  try {
    const outcomes = await action.deliver(
      {
        settings: settingsFor(destination, example),
        http: {
          request: async ({ body = 'null' }: HttpRequest) => {
            const text = typeof body === 'string' ? body : Buffer.from(body).toString()
            requests.push(JSON.parse(text))
            return { status: 200, headers: {}, text: '' }
          },
        },
        signal: new AbortController().signal,
        now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
        destinationId: 'example',
        dataDirectory,
      },
      [{ action: name, values: checked.values, idempotencyKey: 'key-1', messageId: 'm-1' }],
    )
    assert.deepEqual(outcomes, [{ status: 'delivered' }])
  } finally {
    await rm(dataDirectory, { recursive: true })
  }
  return requests
}

for (const [slug, load] of Object.entries(destinations)) {
  const destination = await load()
  for (const [name, action] of Object.entries(destination.actions)) {
    for (const example of action.examples) {
      test(`${slug}.${name}: ${example.title}`, async () => {
        assert.deepEqual(await runExample(destination, name, example), example.requests)
      })
    }
  }
}
