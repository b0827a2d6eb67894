import type { WarehouseMessage, WarehouseSession } from '@millrace/component-kit'
import { compareCursors } from '@millrace/storage'
import type { Cursor, StateStore } from '@millrace/storage'
import type { Clock } from './clock.ts'
import { commitSettled } from './destination-committer.ts'
import type { DestinationConfig } from './destination-config.ts'
import { DeliveryGate } from './delivery-gate.ts'
import type { OperatorPause } from './delivery-gate.ts'
import { DeliveryMetrics } from './delivery-metrics.ts'
import { DeliveryWindow } from './delivery-window.ts'
import { stateOf } from './runner-status.ts'
import type { RunnerStatus } from './runner-status.ts'
import { isSelected } from './match.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import type { ResolvedBlock } from './resolved-block.ts'
import type { ResolvedFeed } from './resolved-feed.ts'
import { retryDelayMs } from './retry-delay.ts'
import { sleepUnless } from './sleep-unless.ts'

/**
 * Loads one warehouse. The warehouse keeps its own cursor in the transaction that writes the rows, so each message is
 * loaded exactly once; the ledger follows. A crash between the two leaves the ledger behind: at the next start the
 * outcomes of the gap are computed again from the same rules and written without loading anything.
 */
export interface SinkOptions {
  config: DestinationConfig
  workspaceVersion: number
  /** The warehouse schema of a source's rows. */
  schemaOf: (source: string) => string
  open: () => Promise<WarehouseSession>
  feed: ResolvedFeed
  state: StateStore
  /** Where the ledger's last commit ended, or where the destination begins. */
  cursor: Cursor
  /** Where the destination began as this warehouse: the one place at which the warehouse may have no cursor yet. */
  start: Cursor
  /** How long to wait between small loads, in milliseconds. Default 0. */
  gatherMs?: number
  /** Set when an operator paused it in an earlier life. */
  pause?: OperatorPause | undefined
  clock: Clock
  random: () => number
  warn: (message: string) => void
}

/** A block with the outcome of each of its rows. */
interface DecidedBlock {
  resolved: ResolvedBlock
  codes: Uint32Array
}

/** A load is committed when it has so many messages, or nothing more is there. */
const MAX_LOAD_MESSAGES = 5_000
const MAX_LOAD_BYTES = 8 * 1024 * 1024

export class SinkRunner {
  readonly #options: SinkOptions
  #config: DestinationConfig
  #workspaceVersion: number
  readonly #window: DeliveryWindow
  #session: WarehouseSession | undefined
  /** The next block to look at. */
  #scanned: Cursor
  #committed: Cursor
  /** Up to here the warehouse already has the rows. */
  #loaded: Cursor | undefined
  readonly #abort = new AbortController()
  readonly #gate: DeliveryGate
  #running: Promise<void> | undefined
  #lastFailure: RunnerStatus['lastFailure']
  #inFlight = 0
  #maxMessages = MAX_LOAD_MESSAGES
  readonly metrics = new DeliveryMetrics()

  constructor(options: SinkOptions) {
    this.#options = options
    this.#config = options.config
    this.#workspaceVersion = options.workspaceVersion
    this.#window = new DeliveryWindow(options.cursor)
    this.#scanned = options.cursor
    this.#committed = options.cursor
    const { clock, pause } = options
    this.#gate = new DeliveryGate({ clock, pause, settings: () => this.#config.delivery, signal: this.#abort.signal })
  }

  start(): void {
    this.#running = this.#run()
  }

  update(config: DestinationConfig, workspaceVersion: number): void {
    this.#config = config
    this.#workspaceVersion = workspaceVersion
  }

  status(): RunnerStatus {
    return {
      state: stateOf(this.#config, this.#gate.hold, this.#lastFailure),
      cursor: this.#committed,
      inFlight: this.#inFlight,
      parked: undefined,
      lastFailure: this.#lastFailure,
      hold: this.#gate.hold,
    }
  }

  /** Loads nothing more until `resume`; queries go on. */
  pause(pause: OperatorPause): void {
    this.#gate.pause(pause)
  }

  resume(): void {
    this.#gate.resume()
  }

  /** The open warehouse, for queries. Rejects when it cannot be opened. */
  session(): Promise<WarehouseSession> {
    if (this.#session !== undefined) return Promise.resolve(this.#session)
    return Promise.reject(
      new Error(`warehouse "${this.#config.id}" is not open: ${this.#lastFailure?.message ?? 'starting'}`),
    )
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#running
    await this.#session?.[Symbol.asyncDispose]()
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await this.#openSession()
        while (!signal.aborted) {
          await this.#gate.enter(0)
          if (signal.aborted) return
          await this.#loadNext()
          attempt = 1
          this.#maxMessages = MAX_LOAD_MESSAGES
          this.#lastFailure = undefined
        }
      } catch (error) {
        const { clock, random, warn } = this.#options
        // The load itself may be what is too much.
        this.#maxMessages = Math.max(1, Math.floor(this.#maxMessages / 2))
        const delayMs = retryDelayMs(attempt + 1, this.#config.delivery, 0, random)
        const message = error instanceof Error ? error.message : String(error)
        this.#lastFailure = { code: 'load_failed', message, atMs: clock.now(), nextAttemptMs: clock.now() + delayMs }
        this.metrics.retries++
        warn(`warehouse "${this.#config.id}" failed, next attempt in ${delayMs} ms: ${message}`)
        await sleepUnless(clock, signal, delayMs)
      }
    }
  }

  async #openSession(): Promise<void> {
    this.#session ??= await this.#options.open()
    // The sink's cursor wins: what it has loaded is not loaded again, whatever the ledger says.
    this.#loaded = await this.#session.cursor()
    if (this.#loaded === undefined && compareCursors(this.#scanned, this.#options.start) > 0) {
      throw new Error(
        `it is empty, but the ledger is at ${at(this.#scanned)}: the warehouse file is not the one that was loaded; ` +
          `restore the file that belongs to the data folder, or remove the destination and add it again under another id`,
      )
    }
    if (this.#loaded !== undefined && compareCursors(this.#loaded, this.#scanned) < 0) {
      throw new Error(
        `its cursor ${at(this.#loaded)} is before the ledger's ${at(this.#scanned)}: the warehouse file is older than the data folder; ` +
          `restore the file that belongs to it, or remove the destination and add it again under another id`,
      )
    }
  }

  async #loadNext(): Promise<void> {
    const { feed, clock, gatherMs = 0 } = this.#options
    const { load, messages, isFull } = await this.#gather()
    if (load.length === 0) {
      await feed.waitFor(this.#scanned.block, this.#abort.signal)
      // What arrives in the next moment goes into the same load.
      await sleepUnless(clock, this.#abort.signal, gatherMs)
      return
    }
    const next: Cursor = { block: (load.at(-1) as DecidedBlock).resolved.next, index: 0 }
    this.#inFlight = messages.length
    const startedMs = clock.now()
    if (this.#loaded === undefined || compareCursors(next, this.#loaded) > 0) {
      await (this.#session as WarehouseSession).load(messages, next)
      this.#loaded = next
      this.#measure(load, startedMs)
    }
    this.#inFlight = 0
    this.#scanned = next
    for (const { resolved, codes } of load) this.#window.addRows(resolved, codes)
    await this.#commit()
    if (!isFull) await sleepUnless(clock, this.#abort.signal, gatherMs)
  }

  /** Decides over what is there, as much as one load takes. Each load costs the warehouse some milliseconds, however small it is. */
  async #gather(): Promise<{ load: DecidedBlock[]; messages: WarehouseMessage[]; isFull: boolean }> {
    const load: DecidedBlock[] = []
    const messages: WarehouseMessage[] = []
    let bytes = 0
    let from = this.#scanned.block
    for (;;) {
      const blocks = await this.#options.feed.read(from)
      if (blocks.length === 0) return { load, messages, isFull: false }
      for (const resolved of blocks) {
        load.push({ resolved, codes: this.#decide(resolved, messages) })
        from = resolved.next
        bytes += resolved.block.bytes.length
        if (messages.length >= this.#maxMessages || bytes >= MAX_LOAD_BYTES) return { load, messages, isFull: true }
      }
    }
  }

  /** The outcome of each row; rows that are to be loaded are added to `messages` unless the warehouse has them. */
  #decide(resolved: ResolvedBlock, messages: WarehouseMessage[]): Uint32Array {
    const { block } = resolved
    const { sources, enabled } = this.#config
    const codes = new Uint32Array(block.rowCount)
    const has = this.#loaded !== undefined && resolved.offset < this.#loaded.block
    // Rows before the cursor were settled when the destination was of another type.
    const firstRow = resolved.offset === this.#scanned.block ? this.#scanned.index : 0
    for (let row = firstRow; row < block.rowCount; row++) {
      const source = block.source(row)
      let code: OutcomeCode = outcomeCodes.delivered
      if (!resolved.isResolved(row)) code = outcomeCodes.notResolved
      else if (sources !== undefined && !sources.includes(source)) code = outcomeCodes.filteredNotConnected
      else if (!enabled) code = outcomeCodes.filteredDisabled
      else {
        const message = resolved.message(row)
        if (!isSelected(message, this.#config)) code = outcomeCodes.filteredIntegrations
        else if (!has) messages.push({ schema: this.#options.schemaOf(source), message })
      }
      codes[row] = code
    }
    return codes
  }

  async #commit(): Promise<void> {
    const settled = this.#window.take()
    if (settled === undefined) return
    for (;;) {
      try {
        await commitSettled(this.#options.state, this.#config.id, settled, [], this.#workspaceVersion)
        this.#committed = settled.to
        return
      } catch (error) {
        this.#options.warn(`cannot store the progress of warehouse "${this.#config.id}": ${String(error)}`)
        if (this.#abort.signal.aborted) return
        await sleepUnless(this.#options.clock, this.#abort.signal, 1_000)
      }
    }
  }

  #measure(load: readonly DecidedBlock[], startedMs: number): void {
    const now = this.#options.clock.now()
    this.metrics.request(now - startedMs, [{ status: 'delivered' }])
    for (const { resolved, codes } of load) {
      for (const [row, code] of codes.entries()) {
        if (code === outcomeCodes.delivered) this.metrics.delivered(now - resolved.block.receivedAtMs(row))
      }
    }
  }
}

const at = (cursor: Cursor): string => `${cursor.block}:${cursor.index}`
