import { standardEventOf } from '@millrace/protocol'
import type { Json, JsonObject, Message } from '@millrace/protocol'
import { type Cell, cellOf, isSkipped, textCell } from './cell.ts'
import { type ColumnNames, type PathNode } from './column-names.ts'
import { eventTableName, reservedColumns } from './reserved.ts'

/** A value that has no column, and why; it becomes a row of `_dropped`. */
export interface Refused {
  column: string
  value: string
  reason: string
}

export interface Row {
  table: string
  id: string
  /** Microseconds since 1970; undefined when the message has no valid time of receipt. */
  receivedAt: bigint | undefined
  cells: readonly Cell[]
  refused: readonly Refused[]
}

/** The rows of one message. `base` decides about duplicates for all of them: they are written together. */
export interface MessageRows {
  base: Row
  event?: Row
  user?: Row
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

const baseTables = {
  identify: 'identifies',
  track: 'tracks',
  page: 'pages',
  screen: 'screens',
  group: 'groups',
  alias: 'aliases',
}

/** Lays messages out as rows of tables (contract, items 2-15). One instance serves one naming rule and engine. */
export class RowLayout {
  readonly #names: ColumnNames
  #serial = 0
  #cells: Cell[] = []
  #refused: Refused[] = []

  constructor(names: ColumnNames) {
    this.#names = names
  }

  /** @param loadTime ISO 8601, stored as `uuid_ts`. */
  rowsOf(message: Message, loadTime: string): MessageRows {
    this.#serial++
    this.#cells = []
    this.#refused = []
    this.#putCommon(message, loadTime)
    switch (message.type) {
      case 'track':
        return this.#track(message.event, message.properties, message)
      case 'identify':
        return this.#identify(message)
      case 'page':
      case 'screen':
        this.#putText('name', message.name)
        this.#putText('category', message.category)
        this.#putOwn(message.properties, message.type)
        break
      case 'group':
        this.#putText('group_id', message.groupId)
        this.#putOwn(message.traits, message.type)
        break
      case 'alias':
        this.#putText('previous_id', message.previousId)
        break
    }
    return { base: this.#row(baseTables[message.type], message) }
  }

  #track(event: string, properties: JsonObject | undefined, message: Message): MessageRows {
    const table = eventTableName(this.#names, event)
    this.#putText('event', table)
    this.#putText('event_text', event)
    if (table === undefined && isObject(properties) && !isSkipped(properties)) {
      this.#refuse('properties', properties, 'the event name has no letter or digit to name a table after')
    }
    const base = this.#row('tracks', message, standardCells(event))
    if (table === undefined) return { base }
    // The refusals of the context are of the row in tracks; the row of the event adds only its own.
    this.#cells = this.#cells.slice()
    this.#refused = []
    this.#putOwn(properties, 'track')
    return { base, event: this.#row(table, message) }
  }

  #identify(message: Message): MessageRows {
    this.#putOwn(message.traits, 'identify')
    if (isObject(message.context)) this.#putOwn(message.context['traits'], 'identify')
    const base = this.#row('identifies', message)
    if (message.userId === undefined || message.userId === '') return { base }
    const others = base.cells.filter(
      ({ column }) => column !== 'id' && column !== 'user_id' && column !== 'anonymous_id',
    )
    const cells = [textCell('id', message.userId), ...others]
    return { base, user: { ...base, table: 'users', id: message.userId, cells, refused: [] } }
  }

  #putCommon(message: Message, loadTime: string): void {
    this.#putText('id', message.messageId)
    this.#putText('anonymous_id', message.anonymousId)
    this.#putText('user_id', message.userId)
    this.#putTime('received_at', message.receivedAt)
    this.#putTime('sent_at', message.sentAt)
    this.#putTime('timestamp', message.timestamp)
    this.#putTime('original_timestamp', message.originalTimestamp)
    this.#putTime('uuid_ts', loadTime)
    this.#putText('channel', message['channel'])
    if (isObject(message.context)) this.#flatten(message.context, this.#names.root('context'), undefined)
  }

  /** Properties and traits: columns without prefix. */
  #putOwn(values: Json | undefined, type: Message['type']): void {
    if (isObject(values)) this.#flatten(values, this.#names.root(''), reservedColumns[type])
  }

  #flatten(object: JsonObject, parent: PathNode, reserved: ReadonlySet<string> | undefined): void {
    for (const key in object) {
      const value = object[key]
      if (value === undefined || isSkipped(value)) continue
      const node = this.#names.child(parent, key)
      if (isObject(value)) this.#flatten(value, node, reserved)
      else this.#putAt(node, value, reserved)
    }
  }

  #putAt(node: PathNode, value: Json, reserved: ReadonlySet<string> | undefined): void {
    let name = node.name
    if (name === undefined) return this.#refuse(node.path, value, 'the name has no letter or digit')
    if (reserved?.has(name.text) === true) return this.#refuse(name.text, value, 'the column is reserved')
    // The same path twice: a trait in `traits` and in `context.traits`. The first counts, the other is in context_traits_*.
    if (node.usedBy === this.#serial) return
    node.usedBy = this.#serial
    if (name.usedBy === this.#serial) {
      const taken = this.#cells.find(({ column }) => column === node.name?.text)
      if (taken?.value === value && (node.path === 'name' || node.path === 'category')) return
      name = this.#names.suffixed(node, name)
      if (name.usedBy === this.#serial) return this.#refuse(node.path, value, 'another value has the column name')
    }
    name.usedBy = this.#serial
    this.#cells.push(cellOf(name.text, value))
  }

  #putText(column: string, value: Json | undefined): void {
    if (value === undefined || isSkipped(value)) return
    this.#names.named(column).usedBy = this.#serial
    this.#cells.push(textCell(column, textOf(value)))
  }

  #putTime(column: string, value: Json | undefined): void {
    if (value === undefined || isSkipped(value)) return
    this.#names.named(column).usedBy = this.#serial
    const cell = cellOf(column, value)
    if (cell.type === 'timestamp') this.#cells.push(cell)
    else this.#refuse(column, value, 'not an ISO 8601 time')
  }

  #refuse(column: string, value: Json, reason: string): void {
    this.#refused.push({ column, value: textOf(value), reason })
  }

  #row(table: string, message: Message, more: readonly Cell[] = []): Row {
    const receivedAt = this.#cells.find(({ column }) => column === 'received_at')?.micros
    const cells = more.length === 0 ? this.#cells : [...this.#cells, ...more]
    return { table, id: message.messageId, receivedAt, cells, refused: this.#refused }
  }
}

/**
 * What the event stands for, in `tracks` alone, where no property can have these names: `Viewed Product` and `product_viewed` have
 * tables of their own, as they always had, and one `standard_event`.
 */
const standardCells = (event: string): readonly Cell[] => {
  const standard = standardEventOf(event)
  if (standard === undefined) return []
  return [textCell('standard_event', standard.name), textCell('event_category', standard.category)]
}
