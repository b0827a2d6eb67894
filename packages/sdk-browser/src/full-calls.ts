import type { Emitter } from '@millrace/sdk-core'
import { aliasArguments, idArguments, pageArguments, trackArguments } from './call-arguments.ts'
import type { CallArguments } from './call-arguments.ts'
import { coreCalls } from './calls.ts'
import type { Handler, Handlers, Loaded } from './engine.ts'
import { createGroup } from './identity.ts'
import type { Identity } from './identity.ts'

/** The group that a page knows; made once for each page. */
const groups = new WeakMap<Loaded, Identity>()
export const groupOf = (loaded: Loaded): Identity => {
  const group = groups.get(loaded) ?? createGroup(loaded.stores)
  groups.set(loaded, group)
  return group
}

const group: Handler = (loaded, moment, args) => {
  const { id, data, options, callback } = idArguments(args)
  const known = groupOf(loaded)
  known.identify(id, data)
  return loaded.send('group', { groupId: known.id() ?? '', traits: known.traits() }, moment, options, callback)
}

const alias: Handler = ({ send, person }, moment, args) => {
  const { id, previousId, options, callback } = aliasArguments(args)
  const from = previousId ?? person.id() ?? person.anonymousId()
  return send('alias', { userId: id, previousId: from }, moment, options, callback)
}

const screen: Handler = ({ send }, moment, args) => {
  const { category, name, data, options, callback } = pageArguments(args)
  const fields = { ...(category && { category }), ...(name && { name }) }
  return send('screen', { ...fields, properties: { ...data, ...(name && { name }) } }, moment, options, callback)
}

/** What listeners of a call get, by the names of analytics.js. */
const told: { readonly [method: string]: [(args: readonly unknown[]) => CallArguments, ...(keyof CallArguments)[]] } = {
  track: [trackArguments, 'name', 'data', 'options'],
  identify: [idArguments, 'id', 'data', 'options'],
  group: [idArguments, 'id', 'data', 'options'],
  page: [pageArguments, 'category', 'name', 'data', 'options'],
  screen: [pageArguments, 'category', 'name', 'data', 'options'],
  alias: [aliasArguments, 'id', 'previousId', 'options'],
}

/** All calls, each of which tells its listeners when it was made. */
export const fullCalls = (emitter: Emitter): Handlers => {
  const reset: Handler = (loaded) => {
    loaded.person.reset()
    groupOf(loaded).reset()
  }
  const all: Handlers = {
    ...coreCalls,
    group,
    alias,
    screen,
    reset,
    setAnonymousId: ({ person }, _moment, [id]) => person.anonymousId(id as string),
    ready: (_loaded, _moment, [callback]) => (callback as (() => unknown) | undefined)?.(),
  }
  return Object.fromEntries(
    Object.entries(all).map(([method, handler]): [string, Handler] => [
      method,
      (loaded, moment, args) => {
        const result = handler(loaded, moment, args)
        const [parse, ...names] = told[method] ?? []
        const said = parse?.(args)
        emitter.emit(method, ...names.map((name) => said?.[name]))
        return result
      },
    ]),
  )
}
