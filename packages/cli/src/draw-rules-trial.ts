import type { RulesTrialAnswer } from '@millrace/protocol'
import { printable, table } from './table.ts'

/** Of a profile so many identifiers are shown. */
const SHOWN = 8

/** What other rules would change, with a few people of whom it would. */
export function drawRulesTrial({ profiles, refusedLinks, split, joined, examples }: RulesTrialAnswer): string {
  const rows = [
    ['profiles of two identifiers and more', String(profiles.now), String(profiles.tried)],
    ['refused links', String(refusedLinks.now), String(refusedLinks.tried)],
  ]
  const lines = [table(['', 'now', 'tried'], rows), '', `${split} would split, ${joined} would be joined of several.`]
  for (const { now, tried } of examples) lines.push('', ...named('now', now), ...named('tried', tried))
  return `${lines.join('\n')}\n`
}

const named = (when: string, profiles: readonly (readonly string[])[]): string[] =>
  profiles.map((identifiers, at) => {
    const more = identifiers.length > SHOWN ? `, and ${identifiers.length - SHOWN} more` : ''
    return `${(at === 0 ? when : '').padEnd(5)} ${identifiers.slice(0, SHOWN).map(printable).join(', ')}${more}`
  })
