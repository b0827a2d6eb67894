import type { MessageType } from '@millrace/protocol'
import type { ColumnNames } from './column-names.ts'

/** Tables of ours: an event of that name gets a leading `_` (contract, item 4). */
const reservedTables = new Set(
  'tracks identifies users pages screens groups aliases accounts _dropped _millrace_cursor'.split(' '),
)

const common = 'id anonymous_id user_id received_at sent_at timestamp original_timestamp uuid_ts _unmapped'.split(' ')

/** Columns that no property or trait may fill (contract, item 14). `channel`, `name` and `category` are not among them: they are only sometimes there. */
export const reservedColumns: Record<MessageType, ReadonlySet<string>> = {
  track: new Set([...common, 'event', 'event_text']),
  identify: new Set(common),
  page: new Set(common),
  screen: new Set(common),
  group: new Set([...common, 'group_id']),
  alias: new Set([...common, 'previous_id']),
}

/** The table of an event; undefined when the naming rule leaves nothing of its name. */
export const eventTableName = (names: ColumnNames, event: string): string | undefined => {
  const table = names.transform(event)
  return table !== undefined && reservedTables.has(table) ? `_${table}` : table
}

/** The schema of a source (contract, item 1), clear of the names that databases keep for themselves. */
export const schemaName = (names: ColumnNames, source: string): string => {
  const schema = names.transform(source) ?? 'source'
  return ['information_schema', 'pg_catalog', 'temp', 'system'].includes(schema) ? `_${schema}` : schema
}
