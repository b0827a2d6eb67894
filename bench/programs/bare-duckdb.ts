import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { benchMessage, idOf } from '../message.ts'

/**
 * The physical limit of accept → DuckDB: the messages lie in a file as lines of JSON, and DuckDB, with the memory and the one
 * thread that Millrace gives it, reads them into one table with nested columns. Prints one JSON line.
 *
 *   node bare-duckdb.ts FOLDER MESSAGES
 */
const [folder = '', messages = '0'] = process.argv.slice(2)
const lines = join(folder, 'messages.ndjson')
writeFileSync(
  lines,
  Array.from({ length: Number(messages) }, (_, at) => `${JSON.stringify(benchMessage(idOf(at)))}\n`).join(''),
)
const instance = await DuckDBInstance.create(join(folder, 'bare.duckdb'), { threads: '1', memory_limit: '256MB' })
const connection = await instance.connect()
const before = process.cpuUsage()
const started = performance.now()
await connection.run(`CREATE TABLE messages AS SELECT * FROM read_json('${lines}', format = 'newline_delimited')`)
await connection.run('CHECKPOINT')
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(before)
connection.closeSync()
instance.closeSync()
process.stdout.write(
  `${JSON.stringify({ perSecond: Number(messages) / seconds, cpuMicros: (user + system) / Number(messages) })}\n`,
)
