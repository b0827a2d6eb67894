import type { MessageOptions } from '@millrace/sdk-core'

export type Callback = (context: { event: object }) => unknown

/** What a call of analytics.js says, whichever of its arguments were left out. */
export interface CallArguments {
  id?: string | undefined
  previousId?: string | undefined
  category?: string | undefined
  name?: string | undefined
  data: object
  options: MessageOptions
  callback?: Callback | undefined
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value || undefined : typeof value === 'number' ? String(value) : undefined

/** Data and options are the first two objects after the texts; where one is `undefined` or `null`, its place is taken. */
const rest = (args: readonly unknown[]): Pick<CallArguments, 'data' | 'options' | 'callback'> => {
  const at = args.findIndex((arg) => typeof arg === 'function')
  const [data, options] = at === -1 ? args : args.slice(0, at)
  return {
    data: isObject(data) ? data : {},
    options: isObject(options) ? options : {},
    callback: args[at] as Callback | undefined,
  }
}

/** `track(event, properties?, options?, callback?)`, or `track({ event, properties }, options?, callback?)`. */
export const trackArguments = (args: readonly unknown[]): CallArguments => {
  const [first, ...others] = args
  if (!isObject(first)) return { name: textOf(first), ...rest(others) }
  const { event, properties } = first as { event?: unknown; properties?: unknown }
  return { name: textOf(event), ...rest([properties, ...others]) }
}

/** `identify(id?, traits?, options?, callback?)` and `group` alike: with an object first, there is no id. */
export const idArguments = (args: readonly unknown[]): CallArguments => {
  const [first, ...others] = args
  const isLeftOut = isObject(first) || typeof first === 'function'
  return { id: textOf(first), ...rest(isLeftOut ? args : others) }
}

/** `page(category?, name?, properties?, options?, callback?)`: one text is the name. */
export const pageArguments = (args: readonly unknown[]): CallArguments => {
  // A place that holds nothing is that of a text.
  let texts = 0
  while (texts < 2 && texts < args.length && !isObject(args[texts]) && typeof args[texts] !== 'function') texts += 1
  const [one, two] = args.slice(0, texts).map(textOf)
  return { category: two && one, name: two ?? one, ...rest(args.slice(texts)) }
}

/** `alias(to, from?, options?, callback?)`. */
export const aliasArguments = (args: readonly unknown[]): CallArguments => {
  const [to, from, ...others] = args
  const isLeftOut = isObject(from) || typeof from === 'function'
  const { data, callback } = rest(isLeftOut ? [from, ...others] : others)
  return { id: textOf(to), previousId: textOf(from), data: {}, options: data, callback }
}
