import { defineAction, defineDestination, outcomeOf } from '@millrace/component-kit'
import type { AnyDestination, HttpClient, Outcome, Payload } from '@millrace/component-kit'

/** One delivery in one attempt, as a destination was asked for it. */
export interface Attempt {
  action: string
  id: string
  person: string
  key: string
}

/**
 * A destination that sends each batch as one request through the client it is given, and judges the answer by its status: as
 * real ones do, so that faults of a transport reach the state machine in the way they will.
 */
export const simulatedDestination = (
  maxMessages: number,
  hasCheck: boolean,
  attempted: (batch: readonly Attempt[]) => void,
): AnyDestination => {
  const deliver = async (
    { http, now, signal }: { http: HttpClient; now: () => number; signal: AbortSignal },
    payloads: readonly Payload[],
  ): Promise<Outcome[]> => {
    const batch = payloads.map(({ action, idempotencyKey: key, values }): Attempt => {
      const { id, person } = values as { id: string; person: string }
      return { action, id, person, key }
    })
    attempted(batch)
    const answer = await http.request({ method: 'POST', url, body: JSON.stringify(batch), signal })
    const outcome = outcomeOf(answer, now)
    return payloads.map(() => outcome)
  }
  const action = (name: string) =>
    defineAction({
      title: name,
      description: name,
      trigger: 'type = "track"',
      settings: {},
      batch: { maxMessages },
      fields: {
        id: { type: 'string', label: 'Id', description: 'The id.', example: 'a', required: true },
        person: { type: 'string', label: 'Person', description: 'Who.', example: 'p' },
        number: { type: 'integer', label: 'Number', description: 'A number.', example: 1 },
      },
      deliver: (context, payloads) => deliver(context, payloads),
      examples: [],
    })
  return defineDestination({
    slug: 'fake',
    name: 'Simulated',
    description: 'For simulations.',
    settings: {},
    actions: { send: action('send'), copy: action('copy') },
    ...(hasCheck && {
      check: async ({ http, now, signal }) => outcomeOf(await http.request({ method: 'GET', url, signal }), now),
    }),
  })
}

const url = 'https://receiver.test/'
