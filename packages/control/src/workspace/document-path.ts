/** A place in a document: keys and list indexes from the root. */
export type DocumentPath = readonly (string | number)[]

/** `['destinations', 'hook', 'mappings', 0]` as `destinations.hook.mappings[0]`. */
export function formatPath(path: DocumentPath): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/[.[\]\s"]/.test(part) || part === '') text += `[${JSON.stringify(part)}]`
    else text += text === '' ? part : `.${part}`
  }
  return text
}

/** A path that another package wrote as text, such as `products.0` or `/user/@case`: what looks like an index is one. */
export function parsePath(text: string, separator: '.' | '/'): DocumentPath {
  return text
    .split(separator)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
