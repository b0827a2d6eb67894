import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WarehouseUnderTest } from '../../conformance.ts'
import type { Naming } from '../../layout/naming.ts'
import { DuckDbSession } from './session.ts'

/** A warehouse for one test or bench run, removed when it is disposed. */
export const temporaryWarehouse = async (naming: Naming = 'segment') => {
  const baseDirectory = await mkdtemp(join(tmpdir(), 'millrace-duckdb-'))
  const warnings: string[] = []
  const context = { destinationId: 'd1', baseDirectory, warn: (message: string) => void warnings.push(message) }
  return {
    baseDirectory,
    path: join(baseDirectory, 'test.duckdb'),
    warnings,
    open: () => DuckDbSession.open({ path: 'test.duckdb', naming }, context),
    [Symbol.asyncDispose]: () => rm(baseDirectory, { recursive: true, force: true }),
  } satisfies WarehouseUnderTest & Record<string, unknown>
}
