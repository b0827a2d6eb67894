import type { CutRequest } from '@millrace/control'
import {
  IdentityGraph,
  Rules,
  cutIdOf,
  defaultRules,
  describeProfile,
  factAbout,
  readCuts as readStoredCuts,
  identifierOf,
  ruleSetOf,
  tryRules as tryRulesOver,
} from '@millrace/identity'
import type { RuleSettings, StoredCut } from '@millrace/identity'
import { MillraceError } from '@millrace/protocol'
import type { IdentityCut, ProfileAnswer, RulesTrialAnswer } from '@millrace/protocol'
import type { Stores } from './stores.ts'

/** One person as the resolve stage has stored it, all of one moment. */
export const readProfile = (
  stores: Stores,
  settings: RuleSettings | undefined,
  identifier: string,
): Promise<ProfileAnswer> => {
  const rules = rulesOf(settings)
  return stores.resolve.snapshot(async (state) => {
    return describeProfile(await IdentityGraph.open({ state, rules }), rules, identifier)
  })
}

/** What other rules would change. Not of one moment: a snapshot would hold up other readers for as long as it takes. */
export const tryRules = (
  stores: Stores,
  now: RuleSettings | undefined,
  tried: RuleSettings,
): Promise<RulesTrialAnswer> => tryRulesOver(stores.resolve, rulesOf(now), rulesOf(tried))

export const readCuts = (stores: Stores): Promise<IdentityCut[]> =>
  stores.resolve.snapshot(async (state) => (await readStoredCuts(state)).map(describeCut))

/** What is to be stored for a request. Throws when it names no two identifiers. */
export const cutOf = ({ a, b, from, by, reason }: CutRequest, nowMs: number): StoredCut => {
  const pair = factAbout(checked(a), checked(b), { timeMs: 0, messageId: '', explicit: false })
  if (pair === undefined)
    throw new MillraceError('invalid_request', `"${a}" cannot be cut from itself; name two identifiers`)
  return {
    a: pair.a,
    b: pair.b,
    by,
    at: new Date(nowMs).toISOString(),
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(reason !== undefined && { reason }),
  }
}

export const describeCut = ({ fromMs, ...cut }: StoredCut): IdentityCut => ({
  id: cutIdOf(cut),
  ...cut,
  ...(fromMs !== undefined && { from: new Date(fromMs).toISOString() }),
})

const checked = (name: string): string => {
  try {
    identifierOf(name)
    return name
  } catch (error) {
    throw new MillraceError('invalid_request', error instanceof Error ? error.message : String(error))
  }
}

/** Without a workspace nothing was chosen. */
const rulesOf = (settings: RuleSettings | undefined): Rules =>
  new Rules(settings === undefined ? defaultRules : ruleSetOf(settings))
