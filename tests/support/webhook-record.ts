import { open } from 'node:fs/promises'
import type { ReceivedMessage } from '@millrace/testkit'

/**
 * What a receiver process has written so far, read piece by piece: the receiver's own account, against which the server's
 * is held. Counts only messages that it answered with 2xx.
 */
export class WebhookRecord {
  readonly #file: string
  #read = 0
  #rest = ''
  /** The idempotency key of each message, by messageId. */
  readonly keys = new Map<string, string>()
  /** Messages that came more than once, counted each time after the first. */
  repeated = 0
  /** What must never be: no id, no key, another key for the same message. */
  readonly faults: string[] = []

  constructor(file: string) {
    this.#file = file
  }

  /** Takes in what was written since. */
  async update(): Promise<this> {
    const file = await open(this.#file, 'r')
    try {
      const { size } = await file.stat()
      const bytes = Buffer.alloc(size - this.#read)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#read)
      this.#read += bytesRead
      // Lines are ASCII where it matters, and a line that is cut is completed by the next piece.
      const lines = (this.#rest + bytes.toString('utf8', 0, bytesRead)).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') this.#take(JSON.parse(line) as ReceivedMessage)
    } finally {
      await file.close()
    }
    return this
  }

  #take({ messageId, idempotencyKey, status }: ReceivedMessage): void {
    if (messageId === undefined || idempotencyKey === undefined) {
      this.faults.push(`a message came without ${messageId === undefined ? 'an id' : 'a key'} (${messageId ?? ''})`)
      return
    }
    const known = this.keys.get(messageId)
    if (known === undefined) {
      if (status >= 200 && status < 300) this.keys.set(messageId, idempotencyKey)
      return
    }
    this.repeated++
    if (known !== idempotencyKey) {
      this.faults.push(`message ${messageId} came with the keys ${known} and ${idempotencyKey}`)
    }
  }
}
