import { type Naming, snakeCase } from './naming.ts'

/** Names are cut here in every engine (contract, item 12: 127 outside Postgres). */
export const maxNameLength = 127
/** Random keys must not fill the memory: above this the cache starts anew. */
const maxCachedPaths = 100_000

/** A column name, and the last message that used it: how two keys with one name are noticed without a set per row. */
export interface ColumnName {
  text: string
  usedBy: number
}

/** A place in the messages: the keys from the root of properties, traits or context. */
export interface PathNode {
  /** As it is reported when the value cannot be stored. */
  path: string
  joined: string
  /** Undefined when the naming rule leaves nothing of it. */
  name: ColumnName | undefined
  usedBy: number
  children: Map<string, PathNode>
}

/** Sixteen bits of FNV-1a: tells colliding names apart, and is the same in every process and version. */
const hash4 = (text: string): string => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (((hash >>> 16) ^ hash) & 0xffff).toString(16).padStart(4, '0')
}

/**
 * Column names of paths under one naming rule, computed once per path. Words that are reserved in the engine get a
 * leading `_` (contract, item 13).
 */
export class ColumnNames {
  readonly #naming: Naming
  readonly #reservedWords: ReadonlySet<string>
  #names = new Map<string, ColumnName>()
  #roots = new Map<string, PathNode>()
  #paths = 0

  constructor(naming: Naming, reservedWords: ReadonlySet<string>) {
    this.#naming = naming
    this.#reservedWords = reservedWords
  }

  /** The name of a table, column or schema; undefined when nothing is left of it. */
  transform(name: string): string | undefined {
    const snake = snakeCase(this.#naming, name)
    if (snake === '') return undefined
    return (this.#reservedWords.has(snake) ? `_${snake}` : snake).slice(0, maxNameLength)
  }

  /** The root that keys hang under: `context` prefixes their columns, the empty one does not (contract, item 10). */
  root(prefix: string): PathNode {
    if (this.#paths > maxCachedPaths) this.#forget()
    let node = this.#roots.get(prefix)
    if (node === undefined) this.#roots.set(prefix, (node = this.#node(prefix, prefix)))
    return node
  }

  child(parent: PathNode, key: string): PathNode {
    let node = parent.children.get(key)
    if (node !== undefined) return node
    const isTop = parent.joined === '' && parent.path === ''
    node = this.#node(isTop ? key : `${parent.path}.${key}`, isTop ? key : `${parent.joined}_${key}`)
    parent.children.set(key, node)
    return node
  }

  /** The one object for a name; the caller compares and sets `usedBy`. */
  named(text: string): ColumnName {
    let name = this.#names.get(text)
    if (name === undefined) this.#names.set(text, (name = { text, usedBy: 0 }))
    return name
  }

  /** The name for a path whose own name is taken in this row: the same for the same path, always. */
  suffixed(node: PathNode, name: ColumnName): ColumnName {
    return this.named(`${name.text.slice(0, maxNameLength - 5)}_${hash4(node.path)}`)
  }

  #node(path: string, joined: string): PathNode {
    this.#paths++
    const text = this.transform(joined)
    return { path, joined, name: text === undefined ? undefined : this.named(text), usedBy: 0, children: new Map() }
  }

  #forget(): void {
    this.#names = new Map()
    this.#roots = new Map()
    this.#paths = 0
  }
}
