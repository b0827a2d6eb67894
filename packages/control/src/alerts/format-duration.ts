const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]

/** Milliseconds as people read them, by the two largest units: `2 h 5 min`, `40 s`, `90 ms`. */
export function formatDuration(ms: number): string {
  const parts: string[] = []
  let rest = Math.round(ms)
  for (const [name, unitMs] of units) {
    const count = Math.floor(rest / unitMs)
    if (count > 0) parts.push(`${count} ${name}`)
    // After the largest unit only the next smaller one is told.
    else if (parts.length > 0) break
    rest -= count * unitMs
    if (parts.length === 2) break
  }
  return parts.length === 0 ? `${rest} ms` : parts.join(' ')
}
