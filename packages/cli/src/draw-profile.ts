import type { IdentityCut, ProfileAnswer, ProfileLink } from '@millrace/protocol'
import type { Paint } from './paint.ts'
import { printable, table } from './table.ts'

/** One person: the identifiers, and each link with what made it. */
export function drawProfile({ profileId, name, identifiers, links }: ProfileAnswer, paint: Paint): string {
  const lines = [`${paint.bold(printable(name))} ${paint.dim(profileId)}`, '']
  for (const identifier of identifiers) lines.push(`  ${printable(identifier)}`)
  if (links.length === 0) return `${[...lines, '', 'No message links it with another identifier.'].join('\n')}\n`
  const rows = links.map((link) => [link.a, link.b, statusOf(link), link.at, link.messageId])
  lines.push('', table(['link between', 'and', 'is', 'since', 'by message'], rows))
  const joined = links.find(({ status }) => status === 'joined')
  if (joined !== undefined) {
    const command = `millrace identity undo ${shellWord(joined.a)} --and ${shellWord(joined.b)}`
    lines.push('', paint.dim(`To undo a link, the first for example: ${command}`))
  }
  return `${lines.join('\n')}\n`
}

/** What was undone, a line each. */
export function drawCuts(cuts: readonly IdentityCut[]): string {
  if (cuts.length === 0) return 'No link was undone.\n'
  const rows = cuts.map(({ a, b, from, by, at, reason }) => [a, b, from ?? 'always', by, at, reason ?? ''])
  return `${table(['link between', 'and', 'undone from', 'by', 'at', 'because'], rows)}\n`
}

const reasons = {
  limit: (type: string) => `a profile would have too many of ${type}`,
  hub: (identifier: string) => `${identifier} is in too many links`,
  blocked_value: (identifier: string) => `the value of ${identifier} is blocked`,
  too_many_identifiers: () => 'the profile would have too many identifiers',
  too_many_merges: () => 'the profile would have been merged too often',
} as const

const statusOf = ({ status, explicit, reason, because = '' }: ProfileLink): string => {
  if (status === 'cut') return 'undone'
  if (status === 'refused') return `refused: ${reason === undefined ? '' : reasons[reason](because)}`
  return explicit ? 'joined by alias' : 'joined'
}

/** An identifier as a shell takes it. */
const shellWord = (text: string): string => (/^[\w.:@+/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
