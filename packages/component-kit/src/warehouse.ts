import type { Message } from '@millrace/protocol'
import type { Fields, Infer } from './fields.ts'

/**
 * A warehouse is a *transactional sink*: it writes rows and its own cursor in one transaction of the warehouse itself.
 * After a crash the sink's cursor wins, so a message is loaded exactly once.
 */
export interface Warehouse<S extends Fields = Fields> {
  kind: 'warehouse'
  slug: string
  name: string
  description: string
  settings: S
  open(settings: Infer<S>, context: WarehouseContext): Promise<WarehouseSession>
}

export interface WarehouseContext {
  destinationId: string
  /** Relative paths in the settings are resolved against it. */
  baseDirectory: string
  /** Called with a line for the log when something recovered by itself. */
  warn: (message: string) => void
}

/** A place in the log. Opaque to the warehouse: stored and given back unchanged. */
export interface SinkCursor {
  block: number
  index: number
}

/** One message for the warehouse, with the schema (from the source's name) that its rows belong to. */
export interface WarehouseMessage {
  schema: string
  message: Message
}

/**
 * What a load wrote. `dropped` are values that fit no column: kept in `_dropped` with the reason, or, beyond the table's
 * limit of columns, in `_unmapped`; never lost silently.
 */
export interface LoadResult {
  rows: number
  dropped: number
}

export interface WarehouseSession extends AsyncDisposable {
  /** The cursor of the last committed load; undefined before the first one. */
  cursor(): Promise<SinkCursor | undefined>
  /**
   * Writes the rows of all messages and the cursor `next` in one transaction. Rejects on failure, having changed nothing,
   * or, when the connection broke at the end, everything: the caller asks `cursor()` before it tries again, and tries with
   * fewer messages when it is rejected repeatedly.
   */
  load(messages: readonly WarehouseMessage[], next: SinkCursor): Promise<LoadResult>
  /** Read-only SQL with a time limit and at most `maxRows` rows. Rejects with the database's message. */
  query(sql: string, options: { maxRows: number; timeoutMs: number }): Promise<QueryResult>
}

export interface QueryResult {
  columns: readonly string[]
  rows: readonly (readonly (string | number | boolean | null)[])[]
  /** More rows exist than were asked for. */
  truncated: boolean
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one erased alias for the registry
export type AnyWarehouse = Warehouse<any>

export const defineWarehouse = <const S extends Fields>(warehouse: Omit<Warehouse<S>, 'kind'>): Warehouse<S> => ({
  kind: 'warehouse',
  ...warehouse,
})
