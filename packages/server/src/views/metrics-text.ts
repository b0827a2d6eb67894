/** One metric of the Prometheus text format, version 0.0.4. */
export interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  samples: readonly Sample[]
}

export interface Sample {
  labels?: Readonly<Record<string, string | number>>
  value: number
  /** `_bucket`, `_sum`, `_count` of a histogram. */
  suffix?: string
}

export const renderMetrics = (metrics: readonly Metric[]): string =>
  metrics
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(({ labels = {}, value, suffix = '' }) => {
        const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(String(text))}"`)
        return `${name}${suffix}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
      })
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`
    })
    .join('')

/** Samples of a histogram whose `counts` are per bucket, one more than `boundsSeconds`. */
export const histogramSamples = (
  labels: Readonly<Record<string, string>>,
  boundsSeconds: readonly number[],
  counts: readonly number[],
  sumSeconds: number,
): Sample[] => {
  let cumulative = 0
  const buckets = counts.map((count, at): Sample => {
    cumulative += count
    return { suffix: '_bucket', labels: { ...labels, le: boundsSeconds[at] ?? '+Inf' }, value: cumulative }
  })
  return [...buckets, { suffix: '_sum', labels, value: sumSeconds }, { suffix: '_count', labels, value: cumulative }]
}

const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
