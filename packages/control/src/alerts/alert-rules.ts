import { defineFields } from '@millrace/component-kit'
import type { Fields } from '@millrace/component-kit'
import type { AnyAlertRule } from './alert-rule.ts'
import { deadCount } from './rules/dead-count.ts'
import { diskQuota } from './rules/disk-quota.ts'
import { failureShare } from './rules/failure-share.ts'
import { oldestPending } from './rules/oldest-pending.ts'
import { sourceSilence } from './rules/source-silence.ts'

/** Every kind of rule, by the `type` that the document names. */
export const alertRules: { readonly [type: string]: AnyAlertRule } = Object.fromEntries(
  [failureShare, oldestPending, deadCount, diskQuota, sourceSilence].map((rule) => [rule.type, rule]),
)

const subjects = {
  destination: defineFields({
    destinations: {
      type: 'string',
      many: true,
      label: 'Destinations',
      description: 'Ids of the destinations that are watched, each for itself. All when absent.',
      example: ['hook'],
    },
  }),
  source: defineFields({
    sources: {
      type: 'string',
      many: true,
      label: 'Sources',
      description: 'Ids of the sources that are watched, each for itself. All when absent.',
      example: ['web'],
    },
  }),
} as const

/** What `settings` of an alert may hold. `ids`: the sources or destinations that there are, to check against. */
export function alertSettings(rule: AnyAlertRule, ids?: { source: string[]; destination: string[] }): Fields {
  const subject: Fields = subjects[rule.subject]
  const checked = Object.entries(subject).map(([name, spec]) => [
    name,
    ids === undefined ? spec : { ...spec, choices: ids[rule.subject] },
  ])
  return { ...(rule.settings as Fields), ...(Object.fromEntries(checked) as Fields) }
}
