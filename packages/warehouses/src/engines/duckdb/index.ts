import { defineWarehouse } from '@millrace/component-kit'
import { namings } from '../../layout/naming.ts'

/** A DuckDB file, owned by a child process of its own. */
export const duckdb = defineWarehouse({
  slug: 'duckdb',
  name: 'DuckDB',
  description: 'Load messages as tables of a DuckDB file.',
  settings: {
    path: {
      type: 'string',
      label: 'Path',
      description: 'The database file. It is created when it does not exist; only one destination can own it.',
      example: 'warehouse.duckdb',
      required: true,
    },
    naming: {
      type: 'string',
      label: 'Naming',
      description: 'How tables and columns are named after events and properties. Keep it for the life of the file.',
      example: 'segment',
      choices: namings,
      default: 'segment',
    },
  },
  // The session is imported when it is needed: reading the catalog of components starts nothing.
  open: async (settings, context) => {
    const { DuckDbSession } = await import('./session.ts')
    return DuckDbSession.open(settings, context)
  },
})
