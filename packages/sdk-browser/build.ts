/**
 * Makes what browsers load from the sources: `node build.ts` writes `dist/`.
 * `analytics.min.js` is the one that Millrace serves. It is checked in, so that a server needs no build, and a test holds it
 * to its sources.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { buildEntry, entries } from './bundle.ts'

const folder = fileURLToPath(new URL('dist', import.meta.url))
await mkdir(folder, { recursive: true })
for (const entry of Object.keys(entries) as (keyof typeof entries)[]) {
  const text = await buildEntry(entry)
  await writeFile(`${folder}/${entry}`, text)
  process.stdout.write(`${entry}  ${Buffer.byteLength(text)} bytes\n`)
}
