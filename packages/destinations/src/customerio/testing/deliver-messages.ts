import {
  checkPayload,
  compileFields,
  compileMapping,
  compileTrigger,
  presetsOf,
  type AnyAction,
  type DeliverContext,
  type Fields,
  type Infer,
  type HttpClient,
  type HttpFailure,
  type HttpRequest,
  type HttpResponse,
  type Outcome,
  type Payload,
} from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import assert from 'node:assert/strict'
import customerio from '../index.ts'
import type { CustomerioSettings } from '../settings.ts'

/** As a new destination runs without a mapping being written. */
const actions = presetsOf(customerio).map((preset) => {
  const action = customerio.actions[preset.action]
  assert.ok(action)
  return {
    name: preset.action,
    action,
    trigger: compileTrigger(preset.trigger),
    mapping: compileMapping(preset.fields),
    check: checkPayload<Fields>(action.fields),
  }
})

/** The names of the actions whose triggers match. */
export const actionsFor = (message: JsonObject): string[] =>
  actions.filter(({ trigger }) => trigger.matches(message)).map(({ name }) => name)

/** What the only action that matches makes of a message; or what is wrong with its fields. */
export function payloadOf(
  message: JsonObject,
): { action: AnyAction; payload: Payload<Infer<Fields>> } | { problem: string } {
  const [matched, ...others] = actions.filter(({ trigger }) => trigger.matches(message))
  assert.ok(matched !== undefined && others.length === 0, `one action for ${JSON.stringify(message)}`)
  const { values, problems } = matched.check.parse(matched.mapping.apply(message))
  if (problems !== undefined) return { problem: problems.map(({ path, message: text }) => `${path} ${text}`).join() }
  return {
    action: matched.action,
    payload: { action: matched.name, values, idempotencyKey: 'key-1', messageId: 'm-1' },
  }
}

export function contextOf(http: HttpClient, settings: JsonObject = {}): DeliverContext<CustomerioSettings> {
  const parsed = compileFields(customerio.settings).parse({ siteId: 'site', apiKey: 'key', ...settings })
  assert.ok(parsed.values, JSON.stringify(parsed.problems))
  return {
    settings: parsed.values,
    http,
    signal: new AbortController().signal,
    now: () => 1_767_400_000_999,
    destinationId: 'cio',
    dataDirectory: '/nowhere',
  }
}

/**
 * Delivers messages from the trigger to the request, as the delivery service does it: consecutive ones whose actions
 * share `deliver` in one call. Gives the outcomes in order and the requests that were made.
 */
export async function deliverMessages(
  messages: readonly JsonObject[],
  answer: (request: HttpRequest) => HttpResponse | HttpFailure = () => ({ status: 200, headers: {}, text: '{}' }),
  settings: JsonObject = {},
): Promise<{ outcomes: Outcome[]; requests: HttpRequest[] }> {
  const requests: HttpRequest[] = []
  const context = contextOf(
    {
      request: async (request) => {
        requests.push(request)
        return answer(request)
      },
    },
    settings,
  )
  const made = messages.map((message) => {
    const each = payloadOf(message)
    assert.ok('payload' in each, 'problem' in each ? each.problem : '')
    return each
  })
  const outcomes: Outcome[] = []
  while (outcomes.length < made.length) {
    const rest = made.slice(outcomes.length)
    const { action } = rest[0] as (typeof made)[number]
    const end = rest.findIndex((each) => each.action.deliver !== action.deliver)
    const payloads = rest.slice(0, end === -1 ? rest.length : end).map(({ payload }) => payload)
    outcomes.push(...(await action.deliver(context, payloads)))
  }
  return { outcomes, requests }
}

/** The body of a request, parsed. */
export function bodyOf(request: HttpRequest | undefined): JsonObject {
  assert.ok(typeof request?.body === 'string')
  return JSON.parse(request.body) as JsonObject
}
