/** The middle of several measurements, with the least and the greatest, because machines are never quiet. */
export interface Spread {
  median: number
  least: number
  greatest: number
  count: number
}

/** Throws when there is nothing. */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const [least, greatest] = [sorted[0], sorted.at(-1)]
  if (least === undefined || greatest === undefined) throw new Error('a spread needs at least one value')
  return { median: quantile(sorted, 0.5), least, greatest, count: sorted.length }
}

export const median = (values: readonly number[]): number => spreadOf(values).median

/** Of sorted values; between two of them it lies in proportion. */
export const quantile = (sorted: readonly number[], share: number): number => {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/** The median of each key over several records; a key that one lacks counts as 0 there. */
export const medians = (records: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const keys = new Set(records.flatMap((record) => Object.keys(record)))
  return Object.fromEntries([...keys].map((key) => [key, median(records.map((record) => record[key] ?? 0))]))
}
