import { outcomeOf, type HttpFailure, type HttpResponse, type Outcome } from '@millrace/component-kit'

export type Answer = HttpResponse | HttpFailure

/** What an answer means for the items of its request: the same for all, one for each in order, or to ask again by halves. */
export type Verdict = Outcome | readonly Outcome[] | 'halve'

/** Items `from` up to `to`, without `to`. */
export interface ItemRange {
  from: number
  to: number
}

export const indexes = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at)

/** Answers that one item alone may cause. Others (404, 405, 415, …) are about the request as such: halves fare no better. */
const mayBeOneItem = new Set([400, 413, 422])

/** Judges by the status alone: several items that are refused for what they are go again in halves. */
export function judgeByStatus(answer: Answer, count: number, now: () => number): Verdict {
  return count > 1 && 'status' in answer && mayBeOneItem.has(answer.status) ? 'halve' : outcomeOf(answer, now)
}

/**
 * Sends each range of items in one request, one after the other; gives the outcomes of all items in order. When the
 * receiver refuses a range for what it holds, sends it again in halves, so that one bad item does not reject its
 * neighbours: at most log2(n) deep, and 2n − 1 requests when every item is bad. When a range or half meets a receiver
 * that is down or wants other credentials, the items that are left are not tried and share its outcome.
 * @param judge must not answer `halve` for a single item.
 */
export async function sendBisecting(
  ranges: readonly ItemRange[],
  send: (range: ItemRange) => Promise<Answer>,
  judge: (answer: Answer, count: number) => Verdict,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  let stopped: Outcome | undefined
  const sendRange = async ({ from, to }: ItemRange): Promise<void> => {
    const verdict = stopped ?? judge(await send({ from, to }), to - from)
    if (verdict === 'halve') {
      const middle = (from + to) >>> 1
      await sendRange({ from, to: middle })
      return sendRange({ from: middle, to })
    }
    if (!('status' in verdict)) {
      outcomes.push(...verdict)
      return
    }
    if (verdict.status === 'retry' || verdict.status === 'unauthorized') stopped = verdict
    for (let index = from; index < to; index++) outcomes.push(verdict)
  }
  for (const range of ranges) await sendRange(range)
  return outcomes
}
