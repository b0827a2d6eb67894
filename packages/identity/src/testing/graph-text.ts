import type { Fact } from '../fact.ts'
import { pairOf } from '../fact.ts'
import { Fold } from '../fold.ts'
import { compareText } from '../rule-set.ts'
import type { Rules } from '../rule-set.ts'

/**
 * Everything that some folds say together, as one text: equal texts are equal graphs, however the facts were parted into
 * components. What was undone is left out.
 */
export const graphText = (folds: Iterable<Fold>): string => {
  const lines: string[] = []
  for (const fold of folds) {
    for (const { first, members, merges, counts } of fold.profiles) {
      lines.push(
        JSON.stringify({
          first,
          members: members.toSorted(),
          merges,
          counts: [...counts].sort(([one], [other]) => compareText(one, other)),
        }),
      )
    }
    for (const link of fold.links) if (link.status !== 'cut') lines.push(JSON.stringify(link))
  }
  return lines.sort().join('\n')
}

/** The graph of facts, of which none is undone, by one fold from nothing. */
export const graphTextOf = (facts: readonly Fact[], rules: Rules): string =>
  graphText([Fold.of(earliestOf(facts), rules, new Map())])

/** Of each pair and kind the first evidence. */
const earliestOf = (facts: readonly Fact[]): Iterable<Fact> => {
  const earliest = new Map<string, Fact>()
  for (const fact of facts) {
    const name = `${fact.explicit} ${pairOf(fact)}`
    const known = earliest.get(name)
    const isEarlier =
      known === undefined ||
      fact.timeMs < known.timeMs ||
      (fact.timeMs === known.timeMs && fact.messageId < known.messageId)
    if (isEarlier) earliest.set(name, fact)
  }
  return earliest.values()
}
