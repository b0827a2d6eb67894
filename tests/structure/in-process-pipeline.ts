import assert from 'node:assert/strict'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { defineWarehouse } from '@millrace/component-kit'
import type { Fields, SinkCursor, WarehouseMessage } from '@millrace/component-kit'
import { DeliveryService, ResolvedFeed, destinationLedgers, deliverySettings, systemClock } from '@millrace/delivery'
import type { DeliverySettings, DestinationConfig } from '@millrace/delivery'
import { destinations } from '@millrace/destinations'
import { TrackingApi, httpSourceSettings } from '@millrace/ingestion'
import type { HttpSourceSettings } from '@millrace/ingestion'
import { MessageIndexWriter, Resolver, resolvedBefore } from '@millrace/pipeline'
import type { DestinationLedger, JsonObject } from '@millrace/protocol'
import { Block, Fingerprinter, resolveState } from '@millrace/storage'
import {
  MemoryEventLog,
  MemoryStateStore,
  removeFolder,
  startWebhookReceiver,
  temporaryFolder,
} from '@millrace/testkit'
import type { WebhookReceiver } from '@millrace/testkit'

export const fingerprintKey = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
/** When the pipeline receives everything. */
const receivedAtMs = Date.UTC(2026, 2, 1, 9)

/** The settings that nobody wrote. */
const defaultsOf = (fields: Fields): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])),
  )

/** A destination of the source `web`, from the start of the log. */
export const destination = (id: string, type: string, changes: Partial<DestinationConfig> = {}): DestinationConfig => ({
  id,
  type,
  name: id,
  enabled: true,
  sources: ['web'],
  settings: {},
  delivery: defaultsOf(deliverySettings) as unknown as DeliverySettings,
  actions: [],
  start: { block: 0, index: 0 },
  ...changes,
})

/** The whole pipeline in this process, on engines in memory, each stage moved by hand. */
export class InProcessPipeline {
  readonly log = new MemoryEventLog()
  readonly resolveStore = new MemoryStateStore()
  readonly deliveryStore = new MemoryStateStore()
  readonly feed = new ResolvedFeed({ log: this.log, resolveState: this.resolveStore, pollMs: { busy: 1, idle: 1 } })
  readonly loads: { messages: readonly WarehouseMessage[]; next: SinkCursor }[] = []
  readonly appended: Block[] = []
  /** Blocks that wait to be stored, each with what lets it go on. */
  readonly held: (() => void)[] = []
  holdsAppends = false
  #resolver: Resolver | undefined
  readonly api = new TrackingApi({
    fingerprintKey,
    now: () => receivedAtMs,
    append: async (block) => {
      this.appended.push(new Block(Buffer.from(block)))
      if (this.holdsAppends) await new Promise<void>((resolve) => this.held.push(resolve))
      await this.log.append([block])
    },
  })
  readonly #server = createServer((request, response) => this.api.handle(request, response))
  folder = ''
  receiver!: WebhookReceiver

  async open(): Promise<void> {
    this.folder = await temporaryFolder()
    this.receiver = await startWebhookReceiver({
      record: 'messages',
      status: (_, messages) => (messages.some(({ messageId }) => messageId === 'refused') ? 410 : 200),
    })
    const settings = defaultsOf(httpSourceSettings) as unknown as HttpSourceSettings
    this.api.setSources([{ id: 'web', name: 'Web', enabled: true, writeKeys: ['wk_web'], settings }])
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await this.receiver.close()
    await removeFolder(this.folder)
  }

  async send(body: JsonObject, path = '/v1/track', key = 'wk_web'): Promise<number> {
    const { port } = this.#server.address() as AddressInfo
    return new Promise((resolve, reject) => {
      const request = httpRequest({ port, path, method: 'POST', auth: `${key}:`, host: '127.0.0.1' }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
      request.on('error', reject).end(JSON.stringify(body))
    })
  }

  /** One step of the resolve stage. */
  async resolve(): Promise<number> {
    const index = await MessageIndexWriter.open({ directory: join(this.folder, 'index'), log: this.log, upTo: 0 })
    this.#resolver ??= await Resolver.open({
      log: this.log,
      state: this.resolveStore,
      fingerprinter: new Fingerprinter(fingerprintKey),
      deduplication: () => ({ windowMs: 86_400_000, maxIds: 1000 }),
      workspaceVersion: () => 7,
      index,
    })
    return this.#resolver.step()
  }

  /** Runs all destinations until the receiver has `accepted` messages and the warehouse all that is resolved. */
  async deliver(
    configs: readonly DestinationConfig[],
    until: (ledgers: DestinationLedger[]) => boolean,
  ): Promise<void> {
    const warehouse = defineWarehouse({
      slug: 'memory',
      name: 'Memory',
      description: 'Keeps loads in memory.',
      settings: {},
      open: async () => ({
        cursor: async () => this.loads.at(-1)?.next,
        load: async (messages, next) => {
          this.loads.push({ messages, next })
          return { rows: messages.length, dropped: 0 }
        },
        query: async () => ({ columns: [], rows: [], truncated: false }),
        [Symbol.asyncDispose]: async () => {},
      }),
    })
    const service = new DeliveryService({
      feed: new ResolvedFeed({ log: this.log, resolveState: this.resolveStore, pollMs: { busy: 1, idle: 1 } }),
      state: this.deliveryStore,
      components: {
        destinations: {
          webhook: (await destinations['webhook']?.())!,
          customerio: (await destinations['customerio']?.())!,
        },
        warehouses: { memory: warehouse },
      },
      resolvedBefore: (cursor) => resolvedBefore(this.log, this.resolveStore, cursor),
      dataDirectory: this.folder,
      userAgent: 'Millrace/test',
      schemaOf: (source) => source,
      clock: { ...systemClock, now: () => receivedAtMs + 1000 },
      random: () => 0,
      warn: (message) => assert.fail(message),
    })
    try {
      const deadLetters = { maxAgeMs: 86_400_000, maxCopies: 1000, maxBytes: 1_000_000 }
      await service.apply({ workspaceVersion: 7, destinations: configs, allow: ['127.0.0.0/8'], deadLetters })
      for (let turn = 0; !until(await this.ledgers()); turn++) {
        assert.ok(turn < 1000, `the deliveries did not settle: ${JSON.stringify(await this.ledgers())}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    } finally {
      await service.stop()
    }
  }

  async ledgers(): Promise<DestinationLedger[]> {
    const cursor = (await this.resolveStore.cursor(resolveState.consumer)) ?? { block: 0, index: 0 }
    const before = (at: typeof cursor) => resolvedBefore(this.log, this.resolveStore, at)
    return destinationLedgers(this.deliveryStore, cursor, before, new Map())
  }
}

/** Nothing waits any more. */
export const isSettled = (ledgers: readonly DestinationLedger[]): boolean =>
  ledgers.length > 0 && ledgers.every(({ pending }) => pending.waiting + pending.inFlight + pending.parked === 0)
