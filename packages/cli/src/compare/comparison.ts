import type { Message } from '@millrace/protocol'
import { describeMessage } from '../describe-message.ts'
import type { Difference } from './differences.ts'

export const verdicts = ['equal', 'found', 'differs', 'missingHere', 'missingThere'] as const
/**
 * `found`: the file gives only the id. `missingHere`: in the file, not in Millrace. `missingThere`: in Millrace, in the asked
 * time, and not in the file.
 */
export type Verdict = (typeof verdicts)[number]
export type Counts = { [verdict in Verdict]: number }

/** One message that is not the same on both sides. */
export interface Example {
  verdict: 'differs' | 'missingHere' | 'missingThere'
  messageId: string
  /** In a few words; an id alone says nothing. */
  what?: string
  differences?: readonly Difference[]
  /** It came, but from these sources and not from the one that was asked for. */
  otherSources?: readonly string[]
}

/** Names of events are free texts: a client that makes one for each message must not fill the memory. */
const maxEvents = 1000
const otherEvents = '(other events)'
const maxDifferences = 20

/** Counts verdicts by event and keeps the first examples of each. */
export class Comparison {
  readonly #examplesOfEach: number
  readonly #events = new Map<string, Counts>()
  readonly #examples: { [verdict in Example['verdict']]: Example[] } = {
    differs: [],
    missingHere: [],
    missingThere: [],
  }

  constructor(examplesOfEach: number) {
    this.#examplesOfEach = examplesOfEach
  }

  add(event: string, verdict: Verdict, example?: () => Omit<Example, 'verdict'>): void {
    this.#countsOf(event)[verdict] += 1
    if (verdict === 'equal' || verdict === 'found' || example === undefined) return
    const list = this.#examples[verdict]
    if (list.length >= this.#examplesOfEach) return
    const { differences, ...rest } = example()
    list.push({ verdict, ...rest, ...(differences && { differences: differences.slice(0, maxDifferences) }) })
  }

  /** By event, the most frequent first. */
  get events(): { event: string; counts: Counts }[] {
    return [...this.#events]
      .map(([event, counts]) => ({ event, counts }))
      .sort((a, b) => sum(b.counts) - sum(a.counts) || (a.event < b.event ? -1 : 1))
  }

  get total(): Counts {
    const total = noCounts()
    for (const counts of this.#events.values()) for (const verdict of verdicts) total[verdict] += counts[verdict]
    return total
  }

  get examples(): Example[] {
    return [...this.#examples.missingHere, ...this.#examples.missingThere, ...this.#examples.differs]
  }

  #countsOf(event: string): Counts {
    const known = this.#events.get(event)
    if (known !== undefined) return known
    const name = this.#events.size < maxEvents ? event : otherEvents
    const counts = this.#events.get(name) ?? noCounts()
    this.#events.set(name, counts)
    return counts
  }
}

const noCounts = (): Counts => ({ equal: 0, found: 0, differs: 0, missingHere: 0, missingThere: 0 })
const sum = (counts: Counts): number => verdicts.reduce((all, verdict) => all + counts[verdict], 0)

/** The group that a message is counted in: `track Signed Up`, `identify`. */
export const eventOf = (message: { readonly type?: unknown; readonly event?: unknown }): string => {
  const words = [message.type, message.event].filter((word) => typeof word === 'string')
  return words.length === 0 ? '(unknown)' : words.join(' ')
}

/** What is told of a message that is in Millrace. */
export const storedExample = (message: Message): Omit<Example, 'verdict'> => ({
  messageId: message.messageId,
  what: describeMessage(message),
})
