import { andThen, buildMessage, serializeMessage } from '@millrace/sdk-core'
import type {
  MaybePromise,
  MessageFields,
  MessageOptions,
  MessageType,
  OutgoingMessage,
  Runtime,
} from '@millrace/sdk-core'
import type { Callback } from './call-arguments.ts'
import type { Consent, ConsentSettings, Gate } from './consent-gate.ts'
import { contextOf } from './context.ts'
import { createDelivery } from './delivery.ts'
import type { Delivery } from './delivery.ts'
import type { PageWindow } from './dom.ts'
import { createPerson } from './identity.ts'
import type { Person } from './identity.ts'
import { pageContextOf } from './page-context.ts'
import type { PageContext } from './page-context.ts'
import { pageRuntime } from './page-runtime.ts'
import type { LostMessage, Settings } from './settings.ts'
import type { Lock } from './one-sender.ts'
import { createStores } from './stores.ts'
import type { Stores } from './stores.ts'

/** When and where a call was made. */
export interface Moment {
  at: number
  page: PageContext
}

/** What a call gives: the message as it was taken into the queue; undefined when it was not. */
export interface CallResult {
  event: OutgoingMessage
}
export type CallPromise = Promise<CallResult | undefined>

/** A loaded page: everything that the calls share. */
export interface Loaded {
  win: PageWindow
  settings: Settings
  runtime: Runtime
  stores: Stores
  person: Person
  delivery: Delivery
  /** Makes the message of a call and hands it to the queue, before it returns unless a plugin waits. */
  send: (
    type: MessageType,
    fields: MessageFields,
    moment: Moment,
    options?: MessageOptions,
    callback?: Callback,
  ) => MaybePromise<CallResult | undefined>
}

export type Handler = (loaded: Loaded, moment: Moment, args: readonly unknown[]) => unknown
export type Handlers = { readonly [method: string]: Handler }

/** What the small entry leaves out. */
export interface Extension {
  /** Runs once, before any call is made. */
  onLoad?: (loaded: Loaded, call: (method: string, ...args: unknown[]) => void) => void
  /** The way of a message through plugins; null drops it. */
  pipeline?: (message: OutgoingMessage) => MaybePromise<OutgoingMessage | null>
  /** Whether calls are made, by what the person has agreed to; by default they are. */
  gate?: (settings: ConsentSettings | undefined, consent: Consent | undefined) => Gate
  /** Where browsers have no locks: see `leaseLock`. */
  lock?: Lock
  /** More about the browser, for the context of every message. */
  describe?: (win: PageWindow) => object
}

export interface Engine {
  /** Makes a call: now, or when the page is loaded and the person has agreed. */
  call: (method: string, args: readonly unknown[], moment?: Moment) => Promise<unknown>
  load: (settings: Settings) => void
  loaded: () => Loaded | undefined
  consent: (consent: Consent) => void
}

const maxHeldCalls = 1000

export const createEngine = (
  win: PageWindow | undefined,
  handlers: Handlers,
  emit: (event: string, ...args: unknown[]) => void,
  extension: Extension = {},
): Engine => {
  let held: { method: string; args: readonly unknown[]; moment: Moment; done: (result: unknown) => void }[] = []
  let settings: Settings | undefined
  let consent: Consent | undefined
  let loaded: Loaded | undefined

  const lose = (lost: LostMessage): void => emit('error', lost)

  /** Nothing is read or written before there is something to be done: a person who has not agreed leaves no trace. */
  const start = (given: Settings, page: PageWindow): Loaded => {
    const runtime = pageRuntime(page)
    const stores = createStores(page, given)
    const person = createPerson(stores, runtime.newId)
    const delivery = createDelivery(page, runtime, {
      writeKey: given.writeKey,
      host: (given.host ?? page.location.origin).replace(/\/$/, ''),
      isDurable: !given.disableClientPersistence,
      flushAt: given.flushAt ?? 20,
      flushIntervalMs: given.flushInterval ?? 50,
      maxMessages: given.maxQueueMessages ?? 1000,
      maxBytes: given.maxQueueBytes ?? 1_000_000,
      lock: extension.lock,
      onRetry: (ids, waitMs, last) => emit('retry', ids, waitMs, last),
    })

    const enqueue = (message: OutgoingMessage): CallResult | undefined => {
      const serialized = serializeMessage(message)
      if ('code' in serialized) return lose({ ...serialized, message }) as undefined
      const isTaken = delivery.add(serialized, (settlement) => {
        if (settlement.kind === 'delivered') emit('delivered', message)
        else lose({ code: settlement.kind, reason: `the server answered ${settlement.status}`, message })
      })
      if (isTaken) return { event: message }
      return lose({ code: 'queue_full', reason: 'too many messages wait', message }) as undefined
    }

    const send: Loaded['send'] = (type, fields, moment, options = {}, callback) => {
      const own = { ...contextOf(page, moment.page), ...extension.describe?.(page) }
      const message = buildMessage(
        type,
        {
          userId: person.id(),
          anonymousId: person.anonymousId(),
          ...fields,
          context: consent ? { ...own, consent: { categoryPreferences: consent } } : own,
          integrations: { ...given.integrations },
        },
        options,
        { newId: runtime.newId, now: () => moment.at },
      )
      // Null is an answer: somebody dropped it.
      const passed = extension.pipeline ? extension.pipeline(message) : message
      const result = andThen(passed, (final) => (final ? enqueue(final) : undefined))
      if (callback) void andThen(result, (done) => callback(done ?? { event: message }))
      return result
    }
    return { win: page, settings: given, runtime, stores, person, delivery, send }
  }

  const run = (method: string, args: readonly unknown[], moment: Moment): unknown => {
    const handler = handlers[method]
    return handler && loaded && handler(loaded, moment, args)
  }

  const advance = (): void => {
    if (!win || !settings) return
    const gate = gateNow()
    if (gate === 'held') return
    if (gate === 'shut') {
      for (const { done } of held) done(undefined)
      held = []
      return
    }
    if (!loaded) {
      loaded = start(settings, win)
      extension.onLoad?.(loaded, (method, ...args) => void engine.call(method, args))
    }
    const calls = held
    held = []
    for (const { method, args, moment, done } of calls) done(run(method, args, moment))
  }

  const gateNow = (): Gate => (settings?.disable ? 'shut' : (extension.gate?.(settings?.consent, consent) ?? 'open'))
  const isOpen = (): boolean => loaded !== undefined && gateNow() === 'open'

  const engine: Engine = {
    loaded: () => (isOpen() ? loaded : undefined),
    call: (method, args, moment) => {
      // During server rendering there is nobody to speak of.
      if (!win) return Promise.resolve(undefined)
      const now = moment ?? { at: Date.now(), page: pageContextOf(win) }
      if (isOpen()) {
        return Promise.resolve(run(method, args, now))
      }
      return new Promise((done) => {
        held.push({ method, args, moment: now, done })
        if (held.length > maxHeldCalls) held.shift()?.done(undefined)
        if (settings) advance()
      })
    },
    load: (given) => {
      if (settings) return console.error('Millrace: load was called twice')
      settings = given
      consent = given.consent?.preferences
      advance()
    },
    consent: (given) => {
      consent = { ...consent, ...given }
      advance()
    },
  }
  return engine
}
