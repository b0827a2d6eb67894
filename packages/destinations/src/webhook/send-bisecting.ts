import { outcomeOf, type HttpFailure, type HttpResponse, type Outcome } from '@millrace/component-kit'

/** Answers that one item alone may cause. Others (404, 405, 415, …) are about the request as such: halves fare no better. */
const mayBeOneItem = new Set([400, 413, 422])

/**
 * Sends items `from` up to `to` in one request. When the receiver refuses the batch for what it holds, sends it again
 * in halves, so that one bad item does not reject its neighbours: at most log2(n) deep, and 2n − 1 requests when
 * every item is bad. When a half meets a receiver that is down or wants other credentials, the items that
 * are left are not tried and share its outcome.
 */
export async function sendBisecting(
  count: number,
  send: (from: number, to: number) => Promise<HttpResponse | HttpFailure>,
  now: () => number,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  let stopped: Outcome | undefined
  const sendRange = async (from: number, to: number): Promise<void> => {
    let outcome = stopped
    if (outcome === undefined) {
      const answer = await send(from, to)
      outcome = outcomeOf(answer, now)
      if (to - from > 1 && 'status' in answer && mayBeOneItem.has(answer.status)) {
        const middle = (from + to) >>> 1
        await sendRange(from, middle)
        return sendRange(middle, to)
      }
      if (outcome.status === 'retry' || outcome.status === 'unauthorized') stopped = outcome
    }
    for (let index = from; index < to; index++) outcomes.push(outcome)
  }
  await sendRange(0, count)
  return outcomes
}
