import type { Evaluate } from './site.ts'

/** Splits at dots, at `[` before a digit or quote, and at `]` after one. Quotes do not protect dots. */
const separators = /\.|\[(?=[\d'"])|(?<=[\d'"])\]+/

/** Compiles a path to a reader of the payload. Only own properties, list indexes and `length` can be reached. */
export function compilePath(path: string): Evaluate {
  const keys = splitPath(path)
  const [first = '', second = ''] = keys
  if (keys.length === 0) return (payload) => payload
  if (keys.length === 1) return (payload) => step(payload, first)
  if (keys.length === 2) return (payload) => step(step(payload, first), second)
  return (payload) => {
    let value = payload
    for (const key of keys) value = step(value, key)
    return value
  }
}

/** `@path` and `@arrayPath` ignore one `$.`; in `@template` it is a key like any other. */
export function withoutRoot(path: string): string {
  return path.replace('$.', '')
}

function splitPath(path: string): string[] {
  return path
    .split(separators)
    .filter((piece) => piece !== '')
    .map((piece) => piece.replaceAll(/['"]/g, ''))
}

/** A falsy value on the way is the result: a path into null is null, into 0 is 0. */
function step(value: unknown, key: string): unknown {
  if (!value) return value
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
}
