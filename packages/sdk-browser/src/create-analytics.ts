import type { AnyEvents } from '@millrace/events'
import { createEmitter, createPipeline } from '@millrace/sdk-core'
import type { Middleware, Plugin } from '@millrace/sdk-core'
import type { Analytics } from './analytics.ts'
import type { PageWindow } from './dom.ts'
import { gateOf } from './consent-gate.ts'
import { describeBrowser } from './context.ts'
import { logTo } from './debug.ts'
import { createEngine } from './engine.ts'
import type { Engine, Extension } from './engine.ts'
import { fullCalls, groupOf } from './full-calls.ts'
import { leaseLock } from './lease-lock.ts'
import { queryCalls } from './query-string.ts'
import type { Settings } from './settings.ts'
import { trackElements } from './track-elements.ts'

/** Names under which middleware and `integrations` mean what Millrace itself gets; the others are those of older clients. */
const ownNames = ['Millrace', 'Segment.io', 'Customer.io Data Pipelines']
const messageCalls = ['track', 'identify', 'page', 'screen', 'alias', 'setAnonymousId', 'ready', 'flush', 'reset']

/** What is known of a person and of a group while nothing may be. */
const nobody = { id: () => undefined, traits: () => ({}), reset: () => undefined, logout: () => undefined }

const report = (error: unknown): void => console.error(error)

/** An instance, and what is inside it. */
export const createWithEngine = <Plan = AnyEvents>(
  win: PageWindow | undefined,
): { analytics: Analytics<Plan>; engine: Engine } => {
  let hints: object | undefined
  let stopDebug: (() => void) | undefined
  const pipeline = createPipeline(ownNames, report)

  const extension: Extension = {
    gate: gateOf,
    describe: describeBrowser,
    lock: leaseLock,
    pipeline: (message) => {
      const { userAgentData } = message.context ?? {}
      if (hints && userAgentData)
        message.context = { ...message.context, userAgentData: { ...userAgentData, ...hints } }
      return pipeline.run(message)
    },
    onLoad: ({ win: page, settings: given }, call) => {
      const wanted = given.highEntropyValuesClientHints
      const asked = wanted && page.navigator.userAgentData?.getHighEntropyValues?.(wanted)
      asked?.then(
        (values) => (hints = values),
        () => undefined,
      )
      for (const each of queryCalls(page.location.search, given.useQueryString)) call(...each)
      if (given.initialPageview) call('page')
    },
  }
  const emitter = createEmitter(report)
  const engine = createEngine(win, fullCalls(emitter), emitter.emit, extension)
  const method =
    (name: string) =>
    (...args: unknown[]) =>
      engine.call(name, args)
  const person = () => engine.loaded()?.person

  const analytics = {
    ...Object.fromEntries(messageCalls.map((name) => [name, method(name)])),
    load: (first: Settings | string, options?: Omit<Settings, 'writeKey'>) =>
      engine.load(typeof first === 'string' ? { ...options, writeKey: first } : first),
    group: (...args: unknown[]) => {
      if (args.length > 0) return engine.call('group', args)
      const loaded = engine.loaded()
      return loaded ? groupOf(loaded) : nobody
    },
    user: () => person() ?? { ...nobody, anonymousId: () => null },
    consent: engine.consent,
    on: (event: string, listener: () => unknown) => (emitter.on(event, listener), analytics),
    once: (event: string, listener: () => unknown) => (emitter.once(event, listener), analytics),
    off: (event: string, listener: () => unknown) => (emitter.off(event, listener), analytics),
    register: (...plugins: Plugin[]) => pipeline.register(analytics, ...plugins),
    deregister: pipeline.deregister,
    addSourceMiddleware: (...chain: Middleware[]) => (pipeline.addSource(...chain), analytics),
    addDestinationMiddleware: (integration: string, ...chain: Middleware[]) => (
      pipeline.addDestination(integration, ...chain),
      analytics
    ),
    trackLink: trackElements('click', method('track')),
    trackForm: trackElements('submit', method('track')),
    debug: (isOn = true) => {
      stopDebug?.()
      stopDebug = isOn ? logTo(emitter) : undefined
      return analytics
    },
  } as unknown as Analytics<Plan>
  return { analytics, engine }
}
