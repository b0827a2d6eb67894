import type { Message } from '@millrace/protocol'
import { printable } from './table.ts'

/** A message in a few words: `track "Signed Up" user u1`. */
export function describeMessage(message: Message): string {
  const words: string[] = [message.type]
  if (message.type === 'track') words.push(`"${message.event}"`)
  if ((message.type === 'page' || message.type === 'screen') && typeof message.name === 'string') {
    words.push(`"${message.name}"`)
  }
  if (message.type === 'group') words.push(`group ${message.groupId}`)
  if (message.type === 'alias') words.push(`from ${message.previousId}`)
  if (typeof message.userId === 'string') words.push(`user ${message.userId}`)
  else if (typeof message.anonymousId === 'string') words.push(`anonymous ${message.anonymousId}`)
  return printable(words.join(' '))
}
