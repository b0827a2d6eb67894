import type { Message } from '@millrace/protocol'

/** Messages of one person arrive in order; the person's first identifier says which they are. */
export const orderKeyOf = (message: Message): string => message.anonymousId ?? message.userId ?? message.messageId
