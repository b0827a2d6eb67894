import type { StateReader } from '@millrace/storage'
import type { IdentityGraph } from '../identity-graph.ts'
import { decodeNode, identityState } from '../identity-state.ts'
import { graphOf } from './facts.ts'

/** All that a store says of identity: the graphs of its components, in order. */
export const readGraph = async (state: StateReader, graph: IdentityGraph): Promise<string> => {
  const names = new Map<number, string>()
  for (const { value } of await state.scan(identityState.nodes, { limit: 100_000 })) {
    const { component, name } = decodeNode(value)
    names.set(component, name)
  }
  const graphs: string[] = []
  for (const name of names.values()) {
    const component = await graph.componentOf(name)
    if (component !== undefined) graphs.push(graphOf(component.fold))
  }
  return graphs.sort().join('\n')
}
