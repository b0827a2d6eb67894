import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { factsOf } from './collect-facts.ts'
import { Fold } from './fold.ts'
import { identifierOf } from './identifier.ts'
import { Rules } from './rule-set.ts'
import { ruleExamples } from './testing/rule-examples.ts'

test('there are rules for Segment Unify, PostHog and RudderStack, and their examples follow', () => {
  assert.deepEqual(
    ruleExamples.map(({ system }) => system),
    ['Segment Unify', 'PostHog', 'RudderStack'],
  )
  for (const { system, examples } of ruleExamples) assert.ok(examples.length >= 4, system)
})

for (const { system, rules: ruleSet, examples } of ruleExamples) {
  describe(`the rules of ${system}`, () => {
    const rules = new Rules(ruleSet)
    for (const { rule, messages, profiles, refused = [] } of examples) {
      it(rule, () => {
        const facts = messages.flatMap(({ ids, previousId }, at) => {
          const times = { messageId: `m${at}`, receivedAtMs: at + 1, timestampMs: at + 1 }
          return factsOf({ ...times, identifiers: ids.map(identifierOf), previousId }, rules)
        })
        const fold = Fold.of(facts, rules, new Map())
        const sorted = (lists: Iterable<Iterable<string>>): string[][] =>
          [...lists].map((list) => [...list].sort()).sort((one, other) => (String(one) < String(other) ? -1 : 1))
        assert.deepEqual(sorted([...fold.profiles].map(({ members }) => members)), sorted(profiles))
        assert.deepEqual(
          fold.links.flatMap((link) => (link.status === 'refused' ? [link.reason] : [])),
          refused,
        )
      })
    }
  })
}
