import { isAbsolute, relative, resolve, sep } from 'node:path'

/** The file that a path of the settings means; undefined when a relative path leads out of the data folder. */
export function resolvePath(path: string, dataDirectory: string): string | undefined {
  if (path.includes('\0')) return undefined
  const file = resolve(dataDirectory, path)
  if (isAbsolute(path)) return file
  const inside = relative(dataDirectory, file)
  return inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) ? undefined : file
}
