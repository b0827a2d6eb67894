/** One message as a receiver saw it: what the promises of delivery are checked against. */
export interface ReceivedMessage {
  /** The number of the request, from 0, in the order in which they were complete. */
  request: number
  /** The place in the body, from 0. */
  index: number
  /** Absent when the mapping does not send it. */
  messageId?: string
  /** The key of this one message: in its envelope, or in the header of a request that holds one. */
  idempotencyKey?: string
  /** The header `webhook-id`. */
  webhookId?: string
  /** What was answered. Only 2xx counts as accepted. */
  status: number
  /** Only when the receiver was given a signing secret. */
  signed?: 'valid' | 'invalid'
}

/** The messages of one request body. Throws a SyntaxError when it is not JSON. */
export function messagesOf(
  body: string,
  headers: { readonly [name: string]: string | string[] | undefined },
): Pick<ReceivedMessage, 'messageId' | 'idempotencyKey' | 'webhookId'>[] {
  const parsed: unknown = JSON.parse(body)
  const items: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed]
  const webhookId = headers['webhook-id']
  const requestKey = items.length === 1 ? headers['idempotency-key'] : undefined
  return items.map((item) => {
    const messageId = stringAt(item, 'messageId')
    const idempotencyKey = stringAt(item, 'idempotencyKey') ?? requestKey
    return {
      ...(messageId === undefined ? {} : { messageId }),
      ...(typeof idempotencyKey === 'string' ? { idempotencyKey } : {}),
      ...(typeof webhookId === 'string' ? { webhookId } : {}),
    }
  })
}

function stringAt(item: unknown, key: string): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const value: unknown = Reflect.get(item, key)
  return typeof value === 'string' ? value : undefined
}
