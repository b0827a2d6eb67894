import { hash } from 'node:crypto'
import type { AnyAction, AnyDestination } from '@millrace/component-kit'

/**
 * A destination as a replay sends to it.
 * @param options.newKeys The replay's id: keys are made from it and those of delivery. Undefined keeps those of delivery.
 * @param options.maxMessages The most messages of one batch, so that a rate is kept smoothly; undefined for what the action says.
 */
export const replayDestination = (
  destination: AnyDestination,
  { newKeys, maxMessages }: { newKeys?: string | undefined; maxMessages?: number | undefined },
): AnyDestination => {
  type Deliver = AnyAction['deliver']
  // Actions that share `deliver` share batches, so they must share what stands for it.
  const delivers = new Map<Deliver, Deliver>()
  const withNewKeys = (deliver: Deliver): Deliver => {
    if (newKeys === undefined) return deliver
    let replaced = delivers.get(deliver)
    if (replaced === undefined) {
      replaced = (context, payloads) =>
        deliver(
          context,
          payloads.map((payload) => ({
            ...payload,
            idempotencyKey: hash('sha256', `${newKeys}\n${payload.idempotencyKey}`, 'base64url'),
          })),
        )
      delivers.set(deliver, replaced)
    }
    return replaced
  }
  const actions = Object.entries(destination.actions).map(([name, action]): [string, AnyAction] => {
    const { maxMessages: declared } = action.batch
    const atMost = (most: number): number => Math.max(1, Math.min(most, maxMessages ?? most))
    const batch: AnyAction['batch'] = {
      ...action.batch,
      maxMessages: typeof declared === 'number' ? atMost(declared) : (settings) => atMost(declared(settings)),
    }
    return [name, { ...action, batch, deliver: withNewKeys(action.deliver) }]
  })
  return { ...destination, actions: Object.fromEntries(actions) }
}
