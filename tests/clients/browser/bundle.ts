import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * The package as an application's build puts it on a page: one script that leaves the exports of the package in the global
 * `client`. The package itself is as its vendor published it.
 */
export const bundleOf = async (specifier: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: `export * from ${JSON.stringify(specifier)}`, resolveDir: root },
    bundle: true,
    format: 'iife',
    globalName: 'client',
    platform: 'browser',
    minify: true,
    write: false,
    logLevel: 'error',
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error(`esbuild made nothing of ${specifier}`)
  return file.text
}
