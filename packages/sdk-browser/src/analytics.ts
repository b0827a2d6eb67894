import type { AnyEvents, EventName, EventProperties, TrackedEvent } from '@millrace/events'
import type { Middleware, MessageOptions, Plugin } from '@millrace/sdk-core'
import type { Callback } from './call-arguments.ts'
import type { Consent } from './consent-gate.ts'
import type { CallPromise } from './engine.ts'
import type { PageElement } from './dom.ts'
import type { Identity, Person } from './identity.ts'
import type { Settings } from './settings.ts'

type Rest = [options?: MessageOptions | Callback | null, callback?: Callback]
type IdArguments =
  | [id?: string | number | null, traits?: object | Callback | null, ...rest: Rest]
  | [traits: object | Callback, ...rest: Rest]
type PageArguments =
  | [
      category?: string | null,
      name?: string | object | Callback | null,
      properties?: object | Callback | null,
      ...rest: Rest,
    ]
  | [properties: object | Callback, ...rest: Rest]

/** What the person is called, as far as the page can know: nothing while they have not agreed to be remembered. */
export interface PersonView extends Omit<Person, 'anonymousId' | 'identify'> {
  /** `null` while the page may not know it: before it is loaded, or before the person has agreed. */
  anonymousId: (id?: string | null) => string | null
}
export type GroupView = Omit<Identity, 'identify'>

/** An element, a list of them, or what jQuery gives. */
export type Elements = PageElement | ArrayLike<PageElement> | null | undefined

/**
 * The calls of analytics.js. Each gives a promise that is resolved as soon as the message is in the queue, which survives
 * the page; a message that is lost is told by the event `error`. No call throws.
 */
export interface Analytics<Plan = AnyEvents> {
  /** Starts it, once; calls before it wait. */
  load: { (settings: Settings): void; (writeKey: string, options?: Omit<Settings, 'writeKey'>): void }

  /** Something happened: its name, and what belongs to it. */
  track: {
    <Name extends EventName<Plan>>(
      event: Name,
      properties?: EventProperties<Plan, Name> | Callback | null,
      ...rest: Rest
    ): CallPromise
    <Name extends EventName<Plan>>(event: TrackedEvent<Name, EventProperties<Plan, Name>>, ...rest: Rest): CallPromise
  }
  /** Who the person is: an id of the application, and traits, which add up. */
  identify: (...args: IdArguments) => CallPromise
  /** A page was seen: `page(category?, name?, properties?, options?, callback?)`. */
  page: (...args: PageArguments) => CallPromise
  screen: (...args: PageArguments) => CallPromise
  /** Which company or team the person belongs to; without arguments, what the page knows of it. */
  group: { (): GroupView; (...args: IdArguments): CallPromise }
  /** Two ids are one person. Without `from` it is the present one. */
  alias: (to: string | number, from?: string | number | MessageOptions | Callback | null, ...rest: Rest) => CallPromise

  /** Forgets the person and the group; what waits to be sent still is. */
  reset: () => Promise<unknown>
  user: () => PersonView
  setAnonymousId: (id: string) => Promise<unknown>
  /** Resolves when it is loaded; nothing else can hold it up. */
  ready: (callback?: () => unknown) => Promise<unknown>
  /** Sends what waits; resolves when each message so far is delivered, or lost. */
  flush: () => Promise<unknown>

  /** What the person agreed to, by category; added to what was said before. */
  consent: (preferences: Consent) => void

  /** `track`, `identify`, …: after each call; `delivered`, `retry`, `error`: what became of messages. */
  on: (event: string, listener: (...args: never[]) => unknown) => Analytics<Plan>
  once: (event: string, listener: (...args: never[]) => unknown) => Analytics<Plan>
  off: (event: string, listener: (...args: never[]) => unknown) => Analytics<Plan>

  register: (...plugins: Plugin[]) => Promise<unknown>
  deregister: (...names: string[]) => Promise<unknown>
  addSourceMiddleware: (...chain: Middleware[]) => Analytics<Plan>
  /** `Millrace` is what the server gets; other names are those of destination plugins. */
  addDestinationMiddleware: (integration: string, ...chain: Middleware[]) => Analytics<Plan>

  /** Tracks clicks. The page is left at once: the queue survives it. */
  trackLink: TrackElements
  /** Tracks what is submitted. */
  trackForm: TrackElements

  /** Writes each call and what became of it to the console. */
  debug: (isOn?: boolean) => Analytics<Plan>
}

export type TrackElements = (
  elements: Elements,
  event: string | ((element: PageElement) => string),
  properties?: object | ((element: PageElement) => object),
  options?: MessageOptions,
) => void
