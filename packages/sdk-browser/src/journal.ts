import { batchOf, utf8Bytes } from '@millrace/sdk-core'
import type { MessageQueue, QueuedMessage } from '@millrace/sdk-core'
import { attempt } from './dom.ts'
import type { PageStorage } from './dom.ts'

/**
 * The queue of a page, written down in local storage: one entry a message, in the call that makes it. So it outlives the
 * page, whatever ends it, and no other tab can overwrite it.
 *
 * - An entry is removed when the server has answered. A page that dies before leaves it to the next one.
 * - Entries of other pages are taken over when they are older than a few seconds: their own page is gone, or stuck.
 * - Without storage, or when it is full, a message waits in memory, as long as the page lives.
 */
export interface Journal extends MessageQueue {
  /** False when the queue is full: the message was not taken. */
  add: (message: QueuedMessage) => boolean
  /** Looks for entries that other pages have left. Gives whether there are some that are too young to be taken over. */
  adopt: () => boolean
  /** Whether the entry is still there; another page may have sent it meanwhile. */
  isOpen: (message: QueuedMessage) => boolean
}

export interface JournalOptions {
  storage: PageStorage | undefined
  /** What the names of entries begin with: one for each write key. */
  prefix: string
  /** Of this page, no other has it. */
  pageId: string
  now: () => number
  maxMessages: number
  maxBytes: number
}

/** Younger entries belong to a page that is about to send them. */
export const adoptAfterMs = 2000

export const createJournal = (options: JournalOptions): Journal => {
  const { storage, prefix, pageId, now, maxMessages, maxBytes } = options
  const keys = new Map<QueuedMessage, string>()
  const adopted = new Set<string>()
  let waiting: QueuedMessage[] = []
  let count = 0
  let bytes = 0
  let numbers = 0

  const hold = (messages: readonly QueuedMessage[], factor: 1 | -1): void => {
    for (const message of messages) {
      count += factor
      bytes += factor * message.bytes
    }
  }

  return {
    waiting: () => waiting.length,
    add: (message) => {
      if (count >= maxMessages || bytes + message.bytes > maxBytes) return false
      // Times of one length sort as numbers do.
      const key = `${prefix}${now().toString(36)}.${(numbers++ + 1e6).toString(36)}.${pageId}`
      attempt(() => {
        storage?.setItem(key, message.json)
        keys.set(message, key)
      })
      waiting.push(message)
      hold([message], 1)
      return true
    },
    adopt: () => {
      const found: [string, QueuedMessage][] = []
      let isYoung = false
      attempt(() => {
        for (let at = storage?.length ?? 0; at-- > 0;) {
          const key = storage?.key(at) ?? ''
          if (!key.startsWith(prefix) || key.endsWith(pageId) || adopted.has(key)) continue
          if (now() - parseInt(key.slice(prefix.length), 36) < adoptAfterMs) {
            isYoung = true
            continue
          }
          const json = storage?.getItem(key) ?? ''
          const id = attempt(() => (JSON.parse(json) as { messageId: string }).messageId)
          if (id === undefined) storage?.removeItem(key)
          else found.push([key, { id, json, bytes: utf8Bytes(json), attempts: 1 }])
        }
      })
      found.sort(([one], [other]) => (one < other ? -1 : 1))
      const messages = found.map(([key, message]) => {
        adopted.add(key)
        keys.set(message, key)
        return message
      })
      waiting = [...messages, ...waiting]
      hold(messages, 1)
      return isYoung
    },
    take: (limits) => {
      const batch = batchOf(waiting, limits)
      waiting = waiting.slice(batch.length)
      return batch
    },
    putBack: (batch) => {
      waiting = [...batch, ...waiting]
    },
    remove: (batch) => {
      hold(batch, -1)
      for (const message of batch) {
        const key = keys.get(message)
        if (key) attempt(() => storage?.removeItem(key))
        keys.delete(message)
      }
    },
    isOpen: (message) => {
      const key = keys.get(message)
      return key === undefined || attempt(() => storage?.getItem(key)) !== null
    },
  }
}
