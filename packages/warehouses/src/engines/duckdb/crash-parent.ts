/** For crash.test.ts: blocks of messages, and as a program, a parent process that loads them until it is killed. */
import type { WarehouseMessage, WarehouseSession } from '@millrace/component-kit'
import { identify, track } from '../../conformance.ts'
import { DuckDbSession } from './session.ts'

export const perBlock = 40

/** Every block has new columns now and then, so that kills meet changes of tables too. */
export const blockOf = (block: number): WarehouseMessage[] =>
  Array.from({ length: perBlock }, (_, index) => {
    const n = block * perBlock + index
    return index % 8 === 0
      ? identify(`m${n}`, n, `u${index}`, { last: n })
      : track(`m${n}`, n, `Event ${index % 3}`, { [`p${block % 20}`]: n })
  })

/** Loads block after block, for ever. */
export const loadFrom = async (session: WarehouseSession, block: number) => {
  for (let next = block; ; next++) await session.load(blockOf(next), { block: next + 1, index: 0 })
}

if (import.meta.main) {
  const [, , baseDirectory = ''] = process.argv
  const context = { destinationId: 'd1', baseDirectory, warn: () => {} }
  const session = await DuckDbSession.open({ path: 'test.duckdb', naming: 'segment' }, context)
  const block = (await session.cursor())?.block ?? 0
  await session.load(blockOf(block), { block: block + 1, index: 0 })
  process.stdout.write('loading')
  await loadFrom(session, block + 1)
}
