import { andThen, isPromise } from './maybe-promise.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { MessageType, OutgoingMessage } from './message.ts'
import { runMiddleware } from './middleware.ts'
import type { Middleware } from './middleware.ts'

/** One message on its way through the plugins. */
export interface Context {
  /** Of the message. */
  readonly id: string
  /** What will be sent; a plugin may replace it. */
  event: OutgoingMessage
  /** Sets a field by its path (`properties.plan`) and gives the message. */
  updateEvent: (path: string, value: unknown) => OutgoingMessage
  /** The message goes nowhere from here. */
  cancel: () => void
  readonly isCancelled: boolean
}

/** What one plugin does with a message of its type; without an answer the same context goes on. */
export type PluginCall = (context: Context) => MaybePromise<Context | undefined | void>

/**
 * Something that sees messages: before all others, enriching them, a destination of the page itself, or after.
 * `utility` sees none.
 */
export type Plugin = {
  name: string
  type: 'before' | 'enrichment' | 'destination' | 'after' | 'utility'
  version?: string
  isLoaded?: () => boolean
  /** Called once, when it is registered. Until it is done the plugin sees nothing, and no message waits for it. */
  load?: (context: Context | undefined, analytics: unknown) => unknown
  unload?: () => unknown
} & { [call in MessageType]?: PluginCall }

/** The way of a message through middleware and plugins. */
export interface Pipeline {
  /** Gives what is to be sent, or null when somebody dropped it. Synchronous as long as nobody in it waits. */
  run: (message: OutgoingMessage) => MaybePromise<OutgoingMessage | null>
  register: (analytics: unknown, ...plugins: Plugin[]) => Promise<void>
  deregister: (...names: string[]) => Promise<void>
  addSource: (...chain: Middleware[]) => void
  addDestination: (integration: string, ...chain: Middleware[]) => void
}

/**
 * @param own the names under which the sender of Millrace itself is meant, for middleware and `integrations`
 * @param report takes what plugins and middleware throw; the message goes on without them
 */
export const createPipeline = (own: readonly string[], report: (error: unknown) => void): Pipeline => {
  let plugins: Plugin[] = []
  const ready = new Set<Plugin>()
  const sources: Middleware[] = []
  const destinations = new Map<string, Middleware[]>()

  const call = (plugin: Plugin, context: Context): MaybePromise<Context> => {
    const reported = (error: unknown): Context => {
      report(error)
      return context
    }
    try {
      const given = plugin[context.event.type]?.(context)
      if (isPromise(given)) return Promise.resolve(given).then((result) => result ?? context, reported)
      return given ?? context
    } catch (error) {
      return reported(error)
    }
  }

  const each = (type: Plugin['type'], context: Context): MaybePromise<Context> =>
    plugins
      .filter((plugin) => plugin.type === type && ready.has(plugin))
      .reduce<MaybePromise<Context>>((sofar, plugin) => andThen(sofar, (now) => call(plugin, now)), context)

  /** The destinations of the page get a copy each; none of them holds up the others or what is sent. */
  const toDestinations = (message: OutgoingMessage): void => {
    for (const plugin of plugins) {
      if (plugin.type !== 'destination' || !ready.has(plugin) || !isSelected(message, plugin.name)) continue
      const chain = destinations.get(plugin.name) ?? []
      const given = runMiddleware(chain, copyOf(message), report, plugin.name)
      void andThen(given, (result) => (result === null ? null : call(plugin, contextOf(result))))
    }
  }

  return {
    run: (message) => {
      const source = runMiddleware(sources, message, report)
      return andThen(source, (given) => {
        if (given === null) return null
        const context = contextOf(given)
        const enriched = andThen(each('before', context), (now) => each('enrichment', now))
        return andThen(enriched, (now) => {
          if (now.isCancelled) return null
          toDestinations(now.event)
          const chain = own.flatMap((name) => destinations.get(name) ?? [])
          const isOwn = own.every((name) => now.event.integrations?.[name] !== false)
          const last = isOwn ? runMiddleware(chain, now.event, report, own[0]) : null
          return andThen(last, (result) => {
            void each('after', contextOf(result ?? now.event))
            return result
          })
        })
      })
    },
    register: async (analytics, ...added) => {
      plugins = [...plugins, ...added]
      const loads = added.map((plugin) => {
        try {
          return andThen(plugin.load?.(undefined, analytics), () => {
            ready.add(plugin)
          })
        } catch (error) {
          return report(error)
        }
      })
      for (const load of loads) await Promise.resolve(load).catch(report)
    },
    deregister: async (...names) => {
      const removed = plugins.filter(({ name }) => names.includes(name))
      plugins = plugins.filter((plugin) => !removed.includes(plugin))
      for (const plugin of removed) await plugin.unload?.()
    },
    addSource: (...chain) => {
      sources.push(...chain)
    },
    addDestination: (integration, ...chain) => {
      destinations.set(integration, [...(destinations.get(integration) ?? []), ...chain])
    },
  }
}

const contextOf = (message: OutgoingMessage): Context => {
  let isCancelled = false
  const context: Context = {
    id: message.messageId,
    event: message,
    updateEvent: (path, value) => {
      const names = path.split('.')
      const last = names.pop() as string
      let target = context.event as { [name: string]: unknown }
      for (const name of names) {
        const inside = target[name]
        target = target[name] = { ...(inside as object | undefined) }
      }
      target[last] = value
      return context.event
    },
    cancel: () => {
      isCancelled = true
    },
    get isCancelled() {
      return isCancelled
    },
  }
  return context
}

/** Whether `integrations` lets a destination have the message. */
const isSelected = ({ integrations = {} }: OutgoingMessage, name: string): boolean =>
  (integrations[name] ?? integrations['All'] ?? true) !== false

/** As deep as plugins commonly write. */
const copyOf = (message: OutgoingMessage): OutgoingMessage => {
  const copy = { ...message }
  for (const name of ['properties', 'traits', 'context'] as const) if (message[name]) copy[name] = { ...message[name] }
  return copy
}
