/**
 * Makes what browsers load from the sources: `node bundle.ts` writes `dist/`. `analytics.min.js` is what Millrace serves.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'

/** Files of `dist/`, each of one source file. */
export const entries = {
  /** Served by Millrace: takes over the calls of the snippet. */
  'analytics.min.js': { source: 'served.ts', options: { format: 'iife' } },
  /** For pages without a build: leaves the exports in the global `millrace`. */
  'millrace.min.js': { source: 'index.ts', options: { format: 'iife', globalName: 'millrace' } },
  'index.js': { source: 'index.ts', options: { format: 'esm' } },
  'core.js': { source: 'core.ts', options: { format: 'esm' } },
} satisfies { [file: string]: { source: string; options: BuildOptions } }

export type BuiltFile = keyof typeof entries

/** Properties that no application sees: their names are made short. */
const internal =
  /^(?:added|adopt|adopted|clearTimer|delivery|exclusively|flushIntervalMs|generation|isDurable|isOpen|keepaliveBytes|maxBytes|maxMessages|newId|onLoad|pageId|person|putBack|runtime|sendNow|setObject|setText|setTimer|settled|stores|wake)$/

/** The text of one file of `dist/`. */
export const buildEntry = async (file: BuiltFile): Promise<string> => {
  const { source, options } = entries[file]
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`src/${source}`, import.meta.url))],
    bundle: true,
    minify: true,
    target: 'es2020',
    platform: 'browser',
    legalComments: 'none',
    mangleProps: internal,
    write: false,
    logLevel: 'error',
    ...options,
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error(`esbuild made nothing of ${source}`)
  return output.text
}

if (import.meta.main) {
  const folder = fileURLToPath(new URL('dist', import.meta.url))
  await mkdir(folder, { recursive: true })
  for (const entry of Object.keys(entries) as BuiltFile[])
    await writeFile(`${folder}/${entry}`, await buildEntry(entry))
}
