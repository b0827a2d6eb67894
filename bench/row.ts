import type { Spread } from './spread.ts'

/** Names of the benchmark: a row is one subject; it gives figures, each beside the limit that was measured with it. */
export interface Run {
  quick: boolean
  /** A line on stderr. */
  progress: (text: string) => void
}

export interface Row {
  /** For `--only`. */
  name: string
  title: string
  run: (run: Run) => Promise<Figure[]>
}

export type Unit = 'messages/s' | 'ms' | 'µs' | 'MB' | 'percent'

export interface Figure {
  what: string
  unit: Unit
  value: number
  /** What the same machine does in the same run without Millrace, or with nothing to do. */
  limit?: { what: string; value: number }
  /** Of value to limit, pair by pair. */
  ratio?: Spread
  /** Spread of the value itself, where it was measured more than once. */
  spread?: Spread
  /** Processor microseconds per message, by process. */
  cpuMicros?: Readonly<Record<string, number>>
  limitCpuMicros?: number
  /** What the project promises: a bound of the value or of the ratio. */
  target?: Target
  notes?: readonly string[]
}

export interface Target {
  of: 'value' | 'ratio'
  atLeast?: number
  lessThan?: number
}

export const isMet = ({ value, ratio }: Figure, { of, atLeast = -Infinity, lessThan = Infinity }: Target): boolean => {
  const measured = of === 'value' ? value : (ratio?.median ?? Number.NaN)
  return measured >= atLeast && measured < lessThan
}
