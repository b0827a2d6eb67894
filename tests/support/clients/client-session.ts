import type { RecordingProxy } from '../recording-proxy.ts'
import type { Call } from './calls.ts'

/** One instance of a client in an application. */
export interface ClientSession {
  /**
   * Makes the calls and resolves when the client has no more to do for them: each was answered or given up. Gives the ids
   * of the messages that the client itself reported as failed.
   */
  send: (calls: readonly Call[]) => Promise<string[]>
  close: () => Promise<void>
}

export interface SessionOptions {
  proxy: RecordingProxy
  writeKey: string
  /** The client is to give up after as few tries as its options allow, so that a test need not wait for hours. */
  impatient?: boolean
}

/** What is declared of a public client, for the suite that every client passes. */
export interface ClientUnderTest {
  /** As it is installed. */
  name: string
  /** Id of its source, and the beginning of its messageIds. */
  source: string
  open: (options: SessionOptions) => Promise<ClientSession>
  /** Every call that it has; `prefix` makes their ids distinct. */
  calls: (prefix: string) => Call[]
  /** One call, where the client cannot make that of `oneTrack`. */
  oneCall?: (name: string) => Call
  /** How often it tries one request when it is impatient. */
  attempts: number
  /** Whether it tries long enough for a server to start again; if not, what is called meanwhile is lost by the client. */
  outlastsRestart: boolean
  /** Whether 429 and 503 are tried again at all. */
  retriesRefusals: boolean
}
