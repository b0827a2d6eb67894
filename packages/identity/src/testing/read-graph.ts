import type { StateReader } from '@millrace/storage'
import type { Fold } from '../fold.ts'
import type { IdentityGraph } from '../identity-graph.ts'
import { decodeNode, identityState } from '../identity-state.ts'
import { graphText } from './graph-text.ts'

/** All that a store says of identity. */
export const readGraph = async (state: StateReader, graph: IdentityGraph): Promise<string> => {
  const names = new Map<number, string>()
  for (const { value } of await state.scan(identityState.nodes, { limit: 100_000 })) {
    const { component, name } = decodeNode(value)
    names.set(component, name)
  }
  const folds: Fold[] = []
  for (const name of names.values()) {
    const component = await graph.componentOf(name)
    if (component !== undefined) folds.push(component.fold)
  }
  return graphText(folds)
}
