import type { RulesTrialAnswer } from '@millrace/protocol'
import type { StateReader } from '@millrace/storage'
import { pairOf } from './fact.ts'
import type { Fact } from './fact.ts'
import { Fold } from './fold.ts'
import type { Cuts } from './fold.ts'
import type { IdentifierName } from './identifier.ts'
import { decodeFacts, identityState, readCuts } from './identity-state.ts'
import { compareText } from './rule-set.ts'
import type { Rules } from './rule-set.ts'

const CHUNKS_PER_READ = 500
const MAX_EXAMPLES = 10

/**
 * What would change if other rules were in force: folds all stored facts under both. Reads page by page and lets others work
 * in between, so what messages change meanwhile may be seen in part.
 */
export const tryRules = async (state: StateReader, now: Rules, tried: Rules): Promise<RulesTrialAnswer> => {
  const cuts: Cuts = new Map((await readCuts(state)).map((cut) => [pairOf(cut), cut]))
  const answer: RulesTrialAnswer = {
    profiles: { now: 0, tried: 0 },
    refusedLinks: { now: 0, tried: 0 },
    split: 0,
    joined: 0,
    examples: [],
  }
  for await (const facts of components(state)) {
    compareFolds(facts, Fold.of(facts, now, cuts), Fold.of(facts, tried, cuts), answer)
  }
  return answer
}

const compareFolds = (facts: readonly Fact[], now: Fold, tried: Fold, answer: RulesTrialAnswer): void => {
  answer.profiles.now += now.profiles.size
  answer.profiles.tried += tried.profiles.size
  answer.refusedLinks.now += refusedOf(now)
  answer.refusedLinks.tried += refusedOf(tried)
  const names = [...new Set(facts.flatMap(({ a, b }) => [a, b]))]
  const split = parted(names, now, tried)
  const joined = parted(names, tried, now)
  answer.split += split.size
  answer.joined += joined.size
  const concerned = new Set([...split, ...joined].flat())
  if (concerned.size > 0 && answer.examples.length < MAX_EXAMPLES) {
    answer.examples.push({ now: profilesOf(concerned, now), tried: profilesOf(concerned, tried) })
  }
}

/** The profiles of one fold whose members belong to several in the other. */
const parted = (names: readonly IdentifierName[], one: Fold, other: Fold): Set<readonly IdentifierName[]> => {
  const result = new Set<readonly IdentifierName[]>()
  for (const name of names) {
    const members = membersOf(name, one)
    const [first = name] = members
    if (firstOf(first, other) !== firstOf(name, other)) result.add(members)
  }
  return result
}

/** All profiles of a fold that have some of these identifiers. */
const profilesOf = (names: Iterable<IdentifierName>, fold: Fold): string[][] => {
  const profiles = new Map<IdentifierName, string[]>()
  for (const name of names) profiles.set(firstOf(name, fold), membersOf(name, fold).toSorted(compareText))
  return [...profiles].sort(([one], [other]) => compareText(one, other)).map(([, members]) => members)
}

const membersOf = (name: IdentifierName, fold: Fold): readonly IdentifierName[] =>
  fold.profileOf(name)?.members ?? [name]
const firstOf = (name: IdentifierName, fold: Fold): IdentifierName => fold.profileOf(name)?.first ?? name
const refusedOf = ({ links }: Fold): number => links.filter(({ status }) => status === 'refused').length

/** The facts of one component after the other. */
async function* components(state: StateReader): AsyncGenerator<readonly Fact[]> {
  let from: readonly [number, number] | undefined
  let id: number | undefined
  let facts: Fact[] = []
  for (;;) {
    const rows = await state.scan(identityState.facts, { ...(from !== undefined && { from }), limit: CHUNKS_PER_READ })
    for (const { key, value } of rows) {
      const [component, chunk] = key as [number, number]
      if (component !== id && facts.length > 0) {
        yield facts
        facts = []
      }
      id = component
      facts.push(...decodeFacts(value))
      from = [component, chunk + 1]
    }
    if (rows.length < CHUNKS_PER_READ) break
    // The process that answers has requests to answer too.
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (facts.length > 0) yield facts
}
