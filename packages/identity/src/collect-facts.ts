import { compareNames, factAbout } from './fact.ts'
import type { Fact } from './fact.ts'
import { isBlocked } from './blocked-values.ts'
import { nameOf } from './identifier.ts'
import type { Identifier, IdentifierName } from './identifier.ts'
import type { Rules } from './rule-set.ts'

/** What identity needs of one message; all of it stands in the envelope. */
export interface IdentityMessage {
  readonly messageId: string
  readonly receivedAtMs: number
  /** The corrected timestamp. */
  readonly timestampMs: number
  readonly identifiers: readonly Identifier[]
  /** Of an alias: the id that the person had before. */
  readonly previousId?: string | undefined
}

/** How far back a message may claim to have happened. */
export const LATEST_DAYS = 30
const DAY_MS = 86_400_000

const NO_FACTS: readonly Fact[] = []
const NOTHING_MORE: ReadonlySet<string> = new Set()

/** The time at which a message counts for identity: a wrong clock cannot put it before all others, or into the future. */
export const identityTimeMs = ({ receivedAtMs, timestampMs }: IdentityMessage): number =>
  clampedTimeMs(timestampMs, receivedAtMs)

export const clampedTimeMs = (timestampMs: number, receivedAtMs: number): number =>
  Math.min(receivedAtMs, Math.max(receivedAtMs - LATEST_DAYS * DAY_MS, timestampMs))

/**
 * The facts of one message: its best identifier with each of the others, so that undoing one of the links separates those
 * two. An alias states two more. Values of the built-in block list make none.
 */
export const factsOf = (message: IdentityMessage, rules: Rules): readonly Fact[] =>
  factsAbout(message, namesOf(message.identifiers, rules))

/** The same, for one who has the names already. */
export const factsAbout = (message: IdentityMessage, names: readonly IdentifierName[]): readonly Fact[] => {
  const { messageId, previousId } = message
  if (names.length < 2 && previousId === undefined) return NO_FACTS
  const timeMs = identityTimeMs(message)
  const [best, ...others] = names
  const facts: Fact[] = []
  if (best === undefined) return facts
  const state = (one: IdentifierName, other: IdentifierName, explicit: boolean): void => {
    const fact = factAbout(one, other, { timeMs, messageId, explicit })
    if (fact !== undefined) facts.push(fact)
  }
  for (const other of others) state(best, other, false)
  const userId = names.find((name) => name.startsWith('userId:'))
  if (previousId !== undefined && userId !== undefined && !isBlocked(previousId, NOTHING_MORE)) {
    state(userId, nameOf({ type: 'anonymousId', value: previousId }), true)
    state(userId, nameOf({ type: 'userId', value: previousId }), true)
  }
  return facts
}

/** The names of a message's identifiers that name somebody, the best first, each once. */
export const namesOf = (identifiers: readonly Identifier[], rules: Rules): IdentifierName[] => {
  const names = new Set<IdentifierName>()
  for (const identifier of identifiers) {
    const normal = normalised(identifier)
    if (!isBlocked(normal.value, NOTHING_MORE)) names.add(nameOf(normal))
  }
  const list = [...names]
  return list.length < 2 ? list : list.sort((one, other) => compareNames(rules, one, other))
}

/** E-mail addresses differ neither by case nor by spaces around them; of other values only the spaces are nobody's intention. */
const normalised = ({ type, value }: Identifier): Identifier => {
  const bare = value.trim()
  return { type, value: type === 'email' ? bare.toLowerCase() : bare }
}
