import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A program in another process that prints lines; for tests of what two processes see of one store, and of kills. */
export class ChildProgram implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #ended: Promise<unknown>
  #errors = ''

  /** Starts a TypeScript or JavaScript file with this process's Node. */
  constructor(program: URL, args: readonly string[]) {
    // Without this, a child that imports node:test would report to the test runner on its stdout.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    this.#process = spawn(process.execPath, [fileURLToPath(program), ...args], { env, stdio: 'pipe' })
    this.#ended = once(this.#process, 'close')
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    // A request to a program that has just ended shows as its missing answer.
    this.#process.stdin?.on('error', () => undefined)
    this.#lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  }

  /** The next line that the program printed; undefined when it has ended. */
  async line(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next()
    return done === true ? undefined : value
  }

  /** Sends a line and takes the next one as the answer. Rejects with the program's stderr when it ends instead. */
  async ask(request: string): Promise<string> {
    this.#process.stdin?.write(`${request}\n`)
    const answer = await this.line()
    if (answer === undefined) throw new Error(`the program ended without an answer to "${request}": ${this.#errors}`)
    return answer
  }

  /** Ends the program as a power cut would (SIGKILL), and gives the lines that it still had printed. */
  async kill(): Promise<string[]> {
    this.#process.kill('SIGKILL')
    const rest: string[] = []
    for (let line = await this.line(); line !== undefined; line = await this.line()) rest.push(line)
    await this.#ended
    return rest
  }

  /** What the program wrote to stderr so far. */
  get errors(): string {
    return this.#errors
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL')
    await this.#ended
  }
}

/** The other side of `ask`, for the program: answers each line of stdin with one line, until stdin ends. */
export const answerRequests = async (answer: (request: string) => Promise<string>): Promise<void> => {
  for await (const request of createInterface({ input: process.stdin })) {
    process.stdout.write(`${await answer(request)}\n`)
  }
}
