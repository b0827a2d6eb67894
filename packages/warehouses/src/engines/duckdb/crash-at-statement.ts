/**
 * For crash.test.ts, a program: loads the block at the cursor and kills itself after the given number of calls to the database.
 * Arguments: file, number of calls. Ends with code 0 when the load needed fewer.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { blockOf } from './crash-parent.ts'
import { createCursorTable } from './cursor.ts'
import { openDatabase } from './database.ts'
import { Loader } from './loader.ts'

const [, , path = '', calls = '0'] = process.argv
const connection = await (await openDatabase(path)).connect()
await createCursorTable(connection)

let left = Infinity
const killing = new Proxy(connection, {
  get: (target, name: keyof DuckDBConnection) => {
    const member: unknown = target[name]
    if (typeof member !== 'function') return member
    return async (...parameters: unknown[]): Promise<unknown> => {
      const result: unknown = await Reflect.apply(member, target, parameters)
      if (--left <= 0) process.kill(process.pid, 'SIGKILL')
      return result
    }
  },
})

const loader = await Loader.create(killing, 'd1', 'segment')
const block = (await loader.cursor())?.block ?? 0
left = Number(calls)
await loader.load(blockOf(block), { block: block + 1, index: 0 })
