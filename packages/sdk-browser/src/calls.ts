import { idArguments, pageArguments, trackArguments } from './call-arguments.ts'
import type { Handler, Handlers } from './engine.ts'

const track: Handler = ({ send }, moment, args) => {
  const { name, data, options, callback } = trackArguments(args)
  return send('track', { event: name ?? '', properties: data }, moment, options, callback)
}

const identify: Handler = ({ send, person }, moment, args) => {
  const { id, data, options, callback } = idArguments(args)
  person.identify(id, data)
  return send('identify', { traits: person.traits() }, moment, options, callback)
}

const page: Handler = ({ send }, { at, page: here }, args) => {
  const { category, name, data, options, callback } = pageArguments(args)
  const named = { ...(category && { category }), ...(name && { name }) }
  const properties = { ...here, ...data, ...named }
  // What the call says of the page is where all of this message was.
  const { path, referrer, search, title, url } = properties
  return send('page', { ...named, properties }, { at, page: { path, referrer, search, title, url } }, options, callback)
}

/** The calls of the small entry. */
export const coreCalls: Handlers = {
  track,
  identify,
  page,
  reset: ({ person }) => person.reset(),
  flush: ({ delivery }) => delivery.flush(),
}
