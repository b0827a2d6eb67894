import { median } from './spread.ts'

export interface Sample {
  atSeconds: number
  value: number
}

export interface Trend {
  first: number
  last: number
  /** What the slope makes of the whole time. */
  growth: number
  middle: number
}

/**
 * Where samples tend: the median of the slopes between all pairs (Theil and Sen), which the peaks of a garbage collector move
 * little. Throws when there are fewer than two.
 */
export const trendOf = (samples: readonly Sample[]): Trend => {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || samples.length < 2) throw new Error('a trend needs two samples')
  const slopes = samples.flatMap((from, at) =>
    samples.slice(at + 1).map((to) => (to.value - from.value) / (to.atSeconds - from.atSeconds)),
  )
  return {
    first: first.value,
    last: last.value,
    growth: median(slopes) * (last.atSeconds - first.atSeconds),
    middle: median(samples.map(({ value }) => value)),
  }
}

/** Growth is what is more than this share of the middle, and more than so much. */
export interface Tolerance {
  share: number
  least: number
}

export const isGrowing = ({ growth, middle }: Trend, { share, least }: Tolerance): boolean =>
  growth > Math.max(share * middle, least)
