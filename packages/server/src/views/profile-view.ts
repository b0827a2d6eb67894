import type { CutRequest } from '@millrace/control'
import {
  IdentityGraph,
  Rules,
  cutIdOf,
  defaultRules,
  describeProfile,
  factAbout,
  identifierOf,
} from '@millrace/identity'
import type { StoredCut } from '@millrace/identity'
import { MillraceError } from '@millrace/protocol'
import type { IdentityCut, ProfileAnswer } from '@millrace/protocol'
import type { StateReader } from '@millrace/storage'
import type { Stores } from './stores.ts'

const rules = new Rules(defaultRules)

/** One person as the resolve stage has stored it, all of one moment. */
export const readProfile = (stores: Stores, identifier: string): Promise<ProfileAnswer> =>
  stores.resolve.snapshot(async (state) => describeProfile(await graphOf(state), rules, identifier))

export const readCuts = (stores: Stores): Promise<IdentityCut[]> =>
  stores.resolve.snapshot(async (state) => [...(await graphOf(state)).cuts].map(describeCut))

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

const graphOf = (state: StateReader): Promise<IdentityGraph> => IdentityGraph.open({ state, rules })
