/**
 * A function that remembers its results for up to `maxEntries` texts and forgets all of them when there are more: names that
 * clients make up cannot fill the memory, and a look-up stays one step. `compute` must be pure.
 */
export function boundedMemo<T>(maxEntries: number, compute: (text: string) => T): (text: string) => T {
  const results = new Map<string, { value: T }>()
  return (text) => {
    const known = results.get(text)
    if (known !== undefined) return known.value
    const value = compute(text)
    if (results.size >= maxEntries) results.clear()
    results.set(text, { value })
    return value
  }
}
