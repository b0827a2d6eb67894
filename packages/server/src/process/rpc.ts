/**
 * Calls between the supervisor and the processes it started, over Node's IPC channel. Values are copied as JSON would
 * (Maps and bytes too: the channel uses structured cloning).
 */
export type Handlers = Readonly<Record<string, (parameters: never) => unknown>>

interface Call {
  millrace: 'call'
  id: number
  method: string
  parameters: unknown
}
interface Reply {
  millrace: 'reply'
  id: number
  result?: unknown
  error?: string
}

export interface Channel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

/** One end of a channel: answers the other's calls with `handlers`, and makes calls itself. */
export class Rpc {
  readonly #channel: Channel
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  #nextId = 1
  #closed: Error | undefined

  private constructor(channel: Channel) {
    this.#channel = channel
  }

  static over(channel: Channel, handlers: Handlers): Rpc {
    const rpc = new Rpc(channel)
    channel.onMessage((message) => {
      if (isCall(message)) void rpc.#answer(message, handlers)
      else if (isReply(message)) rpc.#settle(message)
    })
    return rpc
  }

  /** Rejects with the other side's message, when the channel closes, or after `timeoutMs`. */
  call(method: string, parameters: unknown, timeoutMs = 30_000): Promise<unknown> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new Error(`"${method}" was not answered within ${timeoutMs} ms`))
      }, timeoutMs)
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(id)
      }
      this.#waiting.set(id, {
        resolve: (value) => {
          done()
          resolve(value)
        },
        reject: (error) => {
          done()
          reject(error)
        },
      })
      this.#channel.send({ millrace: 'call', id, method, parameters } satisfies Call)
    })
  }

  close(reason: Error): void {
    this.#closed = reason
    for (const { reject } of this.#waiting.values()) reject(reason)
  }

  async #answer({ id, method, parameters }: Call, handlers: Handlers): Promise<void> {
    let reply: Reply
    try {
      const handler = handlers[method]
      if (handler === undefined) throw new Error(`no handler for "${method}"`)
      reply = { millrace: 'reply', id, result: await handler(parameters as never) }
    } catch (error) {
      reply = { millrace: 'reply', id, error: error instanceof Error ? error.message : String(error) }
    }
    this.#channel.send(reply)
  }

  #settle({ id, result, error }: Reply): void {
    const waiting = this.#waiting.get(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(error))
  }
}

const kindOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'millrace' in message ? message.millrace : undefined
const isCall = (message: unknown): message is Call => kindOf(message) === 'call'
const isReply = (message: unknown): message is Reply => kindOf(message) === 'reply'
