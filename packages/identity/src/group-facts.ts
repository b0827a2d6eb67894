import type { Fact } from './fact.ts'
import type { IdentifierName } from './identifier.ts'

/** Where an identifier stands: its profile id, and the component, which a new one has not yet. */
export interface Place {
  readonly id: string
  readonly component: number | undefined
}

/** Facts of one step that hang together, and the components that they join. */
export interface FactGroup {
  facts: Fact[]
  names: Set<IdentifierName>
  /** Those that stood in no fact before. */
  newNames: Set<IdentifierName>
  components: Set<number>
}

/** Puts facts together that share an identifier or a component. */
export const groupFacts = (
  facts: readonly Fact[],
  places: ReadonlyMap<IdentifierName, Place>,
): ReadonlySet<FactGroup> => {
  const groupOf = new Map<IdentifierName, FactGroup>()
  const groupOfComponent = new Map<number, FactGroup>()
  const groups = new Set<FactGroup>()
  const find = (name: IdentifierName): FactGroup => {
    const known = groupOf.get(name)
    if (known !== undefined) return known
    const component = places.get(name)?.component
    let group = component === undefined ? undefined : groupOfComponent.get(component)
    if (group === undefined) {
      group = { facts: [], names: new Set(), newNames: new Set(), components: new Set() }
      groups.add(group)
      if (component !== undefined) {
        group.components.add(component)
        groupOfComponent.set(component, group)
      }
    }
    group.names.add(name)
    if (component === undefined) group.newNames.add(name)
    groupOf.set(name, group)
    return group
  }
  for (const fact of facts) {
    const one = find(fact.a)
    const other = find(fact.b)
    if (one !== other) {
      const [large, small] = one.names.size >= other.names.size ? [one, other] : [other, one]
      for (const name of small.names) groupOf.set(name, large.names.add(name) && large)
      for (const name of small.newNames) large.newNames.add(name)
      for (const id of small.components) groupOfComponent.set(id, large.components.add(id) && large)
      large.facts.push(...small.facts)
      groups.delete(small)
    }
    ;(groupOf.get(fact.a) as FactGroup).facts.push(fact)
  }
  return groups
}
