import type { Key, StateReader } from '@millrace/storage'
import type { Fact } from './fact.ts'
import type { IdentifierName } from './identifier.ts'
import { hash } from 'node:crypto'
import { pairOf } from './fact.ts'
import { keyOfProfileId } from './profile-id.ts'

/**
 * What identity keeps in the state store of the resolve stage, written in the transaction that moves its cursor. Profiles
 * are not kept: a component is folded when it is read, which for nearly all of them is two or three facts.
 *
 *   identity_nodes  [profile id of the identifier]  its name and its component
 *   identity_facts  [component, chunk]              facts in the order of the fold, 64 to a chunk
 *   identity_cuts   [first name, second name]       StoredCut
 *   identity_meta   ['next']                        the number of the next component
 */
export const identityState = {
  /** The consumer whose cursor says up to where the log's facts are taken up: the resolve cursor, but after an upgrade. */
  consumer: 'identity',
  nodes: 'identity_nodes',
  facts: 'identity_facts',
  cuts: 'identity_cuts',
  meta: 'identity_meta',
} as const

/** A long component is not written whole when a fact is added to its end. */
export const FACTS_PER_CHUNK = 64

/** An identifier that stands in some fact. */
export interface StoredNode {
  component: number
  name: IdentifierName
}

/** A link that somebody undid. */
export interface StoredCut {
  a: IdentifierName
  b: IdentifierName
  /** Evidence from this time on does not count; absent: none does. */
  fromMs?: number
  /** Who undid it, when, and why. */
  by: string
  at: string
  reason?: string
}

export const nodeKey = (profileId: string): Key => keyOfProfileId(profileId)
export const encodeNode = ({ component, name }: StoredNode): Buffer => Buffer.from(`${component} ${name}`)
export const decodeNode = (bytes: Uint8Array): StoredNode => {
  const text = textOf(bytes)
  const space = text.indexOf(' ')
  return { component: Number(text.slice(0, space)), name: text.slice(space + 1) }
}

export const encodeFacts = (facts: readonly Fact[]): Buffer =>
  Buffer.from(
    JSON.stringify(facts.map(({ a, b, timeMs, messageId, explicit }) => [a, b, timeMs, messageId, explicit ? 1 : 0])),
  )
export const decodeFacts = (bytes: Uint8Array): Fact[] => {
  const rows = JSON.parse(textOf(bytes)) as [string, string, number, string, number][]
  return rows.map(([a, b, timeMs, messageId, explicit]) => ({ a, b, timeMs, messageId, explicit: explicit === 1 }))
}

export const encodeCut = (cut: StoredCut): Buffer => Buffer.from(JSON.stringify(cut))
export const decodeCut = (bytes: Uint8Array): StoredCut => JSON.parse(textOf(bytes)) as StoredCut

/** All cuts: people make them, so there are few. */
export const readCuts = async (state: StateReader): Promise<StoredCut[]> => {
  const cuts: StoredCut[] = []
  let from: readonly [string, string, number] | undefined
  for (;;) {
    const rows = await state.scan(identityState.cuts, { ...(from !== undefined && { from }), limit: CUTS_PER_READ })
    for (const { value } of rows) cuts.push(decodeCut(value))
    const last = rows.at(-1)
    if (rows.length < CUTS_PER_READ || last === undefined) return cuts
    from = [last.key[0] as string, last.key[1] as string, 0]
  }
}

const CUTS_PER_READ = 1_000

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()

/** What a cut is called in the API: as long as an id, however long the identifiers are. */
export const cutIdOf = (pair: Pick<Fact, 'a' | 'b'>): string => `c${hash('sha256', pairOf(pair), 'hex').slice(0, 26)}`
