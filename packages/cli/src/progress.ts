import type { Output } from './context.ts'

const barWidth = 24
const terminalIntervalMs = 100
const plainIntervalMs = 2000

/**
 * Progress of long work. On a terminal one line that is written anew, elsewhere a line every two seconds; the end is
 * always shown, when there was anything to show.
 */
export class Progress {
  readonly #output: Output
  readonly #label: string
  readonly #now: () => number
  readonly #startedMs: number
  #shownMs: number
  #last: { done: number; total: number | undefined } | undefined
  #hasOpenLine = false

  /** `now` gives milliseconds of a clock that never goes back. */
  constructor(output: Output, label: string, now: () => number = () => performance.now()) {
    this.#output = output
    this.#label = label
    this.#now = now
    this.#startedMs = now()
    this.#shownMs = this.#startedMs - terminalIntervalMs
  }

  update(done: number, total?: number): void {
    this.#last = { done, total }
    const interval = this.#output.isTTY === true ? terminalIntervalMs : plainIntervalMs
    if (this.#now() - this.#shownMs >= interval) this.#show()
  }

  /** Shows the last state and ends the line. */
  end(): void {
    if (this.#last !== undefined) this.#show()
    if (this.#hasOpenLine) this.#output.write('\n')
    this.#hasOpenLine = false
  }

  #show(): void {
    if (this.#last === undefined) return
    this.#shownMs = this.#now()
    const text = this.#text(this.#last.done, this.#last.total)
    if (this.#output.isTTY === true) {
      this.#output.write(`\r${text}\u001b[K`)
      this.#hasOpenLine = true
    } else {
      this.#output.write(`${text}\n`)
    }
  }

  #text(done: number, total: number | undefined): string {
    const seconds = (this.#now() - this.#startedMs) / 1000
    const rate = seconds > 0.2 ? `, ${Math.round(done / seconds).toLocaleString('en')}/s` : ''
    if (total === undefined || total <= 0) return `${this.#label}: ${done.toLocaleString('en')}${rate}`
    const part = Math.min(1, done / total)
    const filled = Math.round(part * barWidth)
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`
    const counts = `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
    return `${this.#label} ${bar} ${Math.floor(part * 100)} % (${counts}${rate})`
  }
}
