import type { Trigger } from '@millrace/component-kit'
import type { Json, Message, MessageType } from '@millrace/protocol'
import { messageTypes } from '@millrace/protocol'
import type { DestinationConfig } from './destination-config.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import type { ResolvedBlock } from './resolved-block.ts'

/** Which actions a message is for, or why for none. */
export type Match<A> = { actions: readonly A[] } | { code: OutcomeCode }

/**
 * Decides which actions run. In this order: is the source connected, does a trigger match, do the message's
 * `integrations` leave the destination in. Most triggers are decided by type and event name, for a whole block at once.
 */
export class Matcher<A extends { trigger: Trigger }> {
  readonly #config: Pick<DestinationConfig, 'id' | 'name' | 'enabled' | 'sources'>
  readonly #actions: readonly A[]
  readonly #sources: ReadonlySet<string> | undefined
  /** For each action, the types of which it may take messages that have no event's name. */
  readonly #types: readonly (readonly MessageType[])[]

  constructor(config: Pick<DestinationConfig, 'id' | 'name' | 'enabled' | 'sources'>, actions: readonly A[]) {
    this.#config = config
    this.#actions = actions
    this.#sources = config.sources && new Set(config.sources)
    this.#types = actions.map(({ trigger }) =>
      messageTypes.filter((type) => trigger.onEnvelope(type, undefined) !== false),
    )
  }

  takesSource(source: string): boolean {
    return this.#sources?.has(source) ?? true
  }

  /** The outcome of a whole block when no message in it can match; undefined when one may. */
  skip(resolved: ResolvedBlock): OutcomeCode | undefined {
    if (!resolved.isWholly) return undefined
    const { sources, events } = resolved.block.dictionary
    let taken = 0
    for (const source of sources) if (this.takesSource(source)) taken++
    if (taken === 0) return outcomeCodes.filteredNotConnected
    if (taken < sources.length) return undefined
    if (!this.#config.enabled) return outcomeCodes.filteredDisabled
    for (const [at, { trigger }] of this.#actions.entries()) {
      for (const event of events) if (trigger.onEnvelope('track', event) !== false) return undefined
      for (const type of this.#types[at] ?? []) {
        if (type === 'track' ? hasNamelessTrack(resolved) : hasType(resolved, type)) return undefined
      }
    }
    return outcomeCodes.filteredNoAction
  }

  match(resolved: ResolvedBlock, row: number): Match<A> {
    if (!resolved.isResolved(row)) return NOT_RESOLVED
    const { block } = resolved
    if (!this.takesSource(block.source(row))) return NOT_CONNECTED
    if (!this.#config.enabled) return DISABLED
    const type = block.type(row) as MessageType
    const event = block.event(row)
    const actions: A[] = []
    for (const action of this.#actions) {
      if (action.trigger.onEnvelope(type, event) ?? action.trigger.matches(resolved.message(row))) actions.push(action)
    }
    if (actions.length === 0) return NO_ACTION
    return isSelected(resolved.message(row), this.#config) ? { actions } : LEFT_OUT
  }
}

const NOT_RESOLVED = { code: outcomeCodes.notResolved }
const NOT_CONNECTED = { code: outcomeCodes.filteredNotConnected }
const DISABLED = { code: outcomeCodes.filteredDisabled }
const NO_ACTION = { code: outcomeCodes.filteredNoAction }
const LEFT_OUT = { code: outcomeCodes.filteredIntegrations }

const hasType = (resolved: ResolvedBlock, type: MessageType): boolean => {
  for (let row = 0; row < resolved.block.rowCount; row++) if (resolved.block.type(row) === type) return true
  return false
}

const hasNamelessTrack = ({ block }: ResolvedBlock): boolean => {
  for (let row = 0; row < block.rowCount; row++) {
    if (block.type(row) === 'track' && block.event(row) === undefined) return true
  }
  return false
}

/**
 * The message's own choice: `integrations` may name a destination by name or id with `false`, `true` or an options object;
 * `All` holds for those that are not named. Absent, null or empty selects all.
 */
export const isSelected = (message: Message, destination: { id: string; name: string }): boolean => {
  const { integrations } = message
  if (typeof integrations !== 'object' || integrations === null) return true
  for (const name of [destination.name, destination.id]) {
    if (Object.hasOwn(integrations, name)) return isOn(integrations[name])
  }
  return Object.hasOwn(integrations, 'All') ? isOn(integrations['All']) : true
}

const isOn = (value: Json | undefined): boolean => value !== false
