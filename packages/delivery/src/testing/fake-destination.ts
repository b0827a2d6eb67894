import { defineAction, defineDestination } from '@millrace/component-kit'
import type { AnyDestination, HttpClient, Outcome, Payload } from '@millrace/component-kit'
import type { DestinationConfig } from '../destination-config.ts'

export interface Received {
  action: string
  id: string
  person: string
  key: string
  /** The number of the call of `deliver`. */
  call: number
  outcome: Outcome['status']
}

export type Script = (action: string, payload: Payload, call: number) => Outcome | Promise<Outcome>

/** A destination in memory with actions that answer by script and keep what they were given; `first` and `second` share batches. */
export class FakeDestination {
  readonly received: Received[] = []
  readonly batchSizes: number[] = []
  script: Script = () => ({ status: 'delivered' })
  calls = 0
  readonly destination: AnyDestination

  constructor(batch: { maxMessages: number; maxBytes?: number } = { maxMessages: 1 }) {
    const together = (_: unknown, payloads: readonly Payload[]): Promise<Outcome[]> => this.#deliver(payloads)
    const action = (name: string, deliver = (_: unknown, payloads: readonly Payload[]) => this.#deliver(payloads)) =>
      defineAction({
        title: name,
        description: name,
        trigger: 'type = "track"',
        settings: {},
        batch,
        fields: {
          id: { type: 'string', label: 'Id', description: 'The id.', example: 'a', required: true },
          person: { type: 'string', label: 'Person', description: 'Who.', example: 'p' },
          number: { type: 'integer', label: 'Number', description: 'A number.', example: 1 },
        },
        deliver,
        examples: [],
      })
    const actions = {
      send: action('send'),
      copy: action('copy'),
      first: action('first', together),
      second: action('second', together),
    }
    this.destination = defineDestination({
      slug: 'fake',
      name: 'Fake',
      description: 'For tests.',
      settings: {},
      actions,
    })
  }

  async #deliver(payloads: readonly Payload[]): Promise<Outcome[]> {
    const call = this.calls++
    this.batchSizes.push(payloads.length)
    const outcomes: Outcome[] = []
    for (const payload of payloads) {
      const { action } = payload
      const outcome = await this.script(action, payload, call)
      const { id, person } = payload.values as { id: string; person: string }
      this.received.push({ action, id, person, key: payload.idempotencyKey, call, outcome: outcome.status })
      outcomes.push(outcome)
    }
    return outcomes
  }

  /** The deliveries that were answered with `delivered`. */
  get accepted(): readonly Received[] {
    return this.received.filter(({ outcome }) => outcome === 'delivered')
  }
}

export const noHttp: HttpClient = {
  request: () => Promise.reject(new Error('a test destination does not use HTTP')),
}

const fields = { id: { '@path': '$.messageId' }, person: { '@path': '$.anonymousId' }, number: { '@path': '$.number' } }

export const sendTracks = { name: 'send', action: 'send', trigger: 'type = "track"', fields }
export const copyOrders = { name: 'copy', action: 'copy', trigger: 'type = "track" and event = "Order"', fields }

/** A configuration whose retries come at once when `random` gives 0. */
export const configOf = (changes: Partial<DestinationConfig> = {}): DestinationConfig => ({
  id: 'hook',
  type: 'fake',
  name: 'Hook',
  enabled: true,
  settings: {},
  delivery: {
    concurrency: 4,
    order: 'perProfile',
    // Off, save in the tests of parking.
    parkAfterMs: 1_000_000_000,
    parkedMax: 10_000,
    parkedPerKey: 1_000,
    afterParking: 'sendOn',
    timeoutMs: 1000,
    retryWindowMs: 3_600_000,
    firstRetryDelayMs: 1,
    maxRetryDelayMs: 1,
    // Off, save in the tests of the circuit.
    circuitFailureShare: 1,
    circuitMinRequests: 1_000_000,
    circuitWindowMs: 60_000,
    circuitProbeDelayMs: 1,
  },
  actions: [sendTracks],
  start: { block: 0, index: 0 },
  ...changes,
})
