import type { ProfileAnswer, ProfileLink } from '@millrace/protocol'
import { compareNames } from './fact.ts'
import type { Link } from './fold.ts'
import { nameOf, typeOf } from './identifier.ts'
import type { IdentifierName } from './identifier.ts'
import type { IdentityGraph } from './identity-graph.ts'
import { profileIdOf } from './profile-id.ts'
import type { Rules } from './rule-set.ts'

/**
 * Everything about one person, found by any of its identifiers or by a profile id of any time.
 * @param asked `type:value`, a profile id, or a bare value, which is tried as each type of the rules in turn.
 * @returns What is known; of an identifier that no message links with another one, that alone.
 */
export const describeProfile = async (graph: IdentityGraph, rules: Rules, asked: string): Promise<ProfileAnswer> => {
  const name = await findName(graph, rules, asked)
  const component = await graph.componentOf(name)
  const profile = component?.fold.profileOf(name)
  const members = profile?.members ?? [name]
  const first = profile?.first ?? name
  const isMember = new Set(members)
  const links = component?.fold.links.filter(({ fact }) => isMember.has(fact.a) || isMember.has(fact.b)) ?? []
  return {
    profileId: profileIdOf(first),
    name: first,
    identifiers: members.toSorted((one, other) => compareNames(rules, one, other)),
    links: links.map(describeLink),
  }
}

const PROFILE_ID = /^p[0-9a-f]{26}$/

const findName = async (graph: IdentityGraph, rules: Rules, asked: string): Promise<IdentifierName> => {
  if (PROFILE_ID.test(asked)) {
    const node = await graph.nodeOf(asked)
    if (node !== undefined) return node.name
  }
  const hasType = asked.indexOf(':') > 0
  if (hasType && (rules.isKnownType(typeOf(asked)) || (await graph.nodeOf(profileIdOf(asked))) !== undefined))
    return asked
  const names = rules.types.map((type) => nameOf({ type, value: asked }))
  for (const name of names) if ((await graph.nodeOf(profileIdOf(name))) !== undefined) return name
  return hasType ? asked : (names[0] as IdentifierName)
}

const describeLink = (link: Link): ProfileLink => {
  const { a, b, timeMs, messageId, explicit } = link.fact
  const described = { a, b, at: new Date(timeMs).toISOString(), messageId, explicit, status: link.status }
  if (link.status !== 'refused') return described
  const because = 'type' in link ? link.type : 'identifier' in link ? link.identifier : undefined
  return { ...described, reason: link.reason, ...(because !== undefined && { because }) }
}
