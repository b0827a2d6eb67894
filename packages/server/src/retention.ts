import { knownDestinations, replayCursors } from '@millrace/delivery'
import { resolveState } from '@millrace/storage'
import type { Logger } from './logger.ts'
import type { Child } from './process/child.ts'
import type { Stores } from './views/stores.ts'

/** How often old parts of the log are looked for. */
const EVERY_MS = 60_000

/** Tells the writer from time to time how far all destinations have read, so that it may remove what is old. */
export class Retention {
  readonly #options: { writer: Child; stores: Stores; logger: Logger }
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: { writer: Child; stores: Stores; logger: Logger }) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#run()
    }, EVERY_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  async #run(): Promise<void> {
    const { writer, stores, logger } = this.#options
    try {
      const keepFrom = await stores.together(async (delivery, resolve) => {
        let least = (await resolve.cursor(resolveState.consumer))?.block ?? 0
        for (const { meta, cursor } of await knownDestinations(delivery)) {
          if (meta.removedAt === undefined) least = Math.min(least, cursor.block)
        }
        for (const cursor of await replayCursors(delivery)) least = Math.min(least, cursor.block)
        return least
      })
      await writer.call('writer.retain', keepFrom)
    } catch (error) {
      logger.warn(`old messages could not be removed: ${String(error)}`)
    }
  }
}
