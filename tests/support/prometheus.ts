import assert from 'node:assert/strict'

export interface MetricFamily {
  help: string
  type: string
  samples: { name: string; labels: Record<string, string>; value: number }[]
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y

/** Reads the Prometheus text format 0.0.4 strictly: what a scraper would refuse fails here. */
export const parseMetrics = (text: string): Map<string, MetricFamily> => {
  assert.ok(text.endsWith('\n'), 'the last line must end')
  const families = new Map<string, MetricFamily>()
  const seen = new Set<string>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line)
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment
      const family = families.get(name) ?? { help: '', type: '', samples: [] }
      if (kind === 'HELP') family.help = rest
      else family.type = rest
      families.set(name, family)
      continue
    }
    const [, name = '', labelText = '', valueText = ''] = sampleLine.exec(line) ?? assert.fail(`not a sample: ${line}`)
    const family = families.get(name.replace(/_(bucket|sum|count)$/, '')) ?? families.get(name)
    assert.ok(family !== undefined, `${name} has no TYPE before it`)
    const labels: Record<string, string> = {}
    labelPair.lastIndex = 0
    while (labelPair.lastIndex < labelText.length) {
      const match = labelPair.exec(labelText)
      assert.ok(match !== null, `not labels: ${labelText}`)
      labels[match[1] ?? ''] = match[2] ?? ''
    }
    const value = Number(valueText)
    assert.ok(!Number.isNaN(value), `not a number: ${line}`)
    const identity = `${name}{${labelText}}`
    assert.ok(!seen.has(identity), `${identity} comes twice`)
    seen.add(identity)
    family.samples.push({ name, labels, value })
  }
  for (const [name, { type, help }] of families) {
    assert.match(type, /^(counter|gauge|histogram)$/, name)
    assert.notEqual(help, '', name)
    if (type === 'counter') assert.match(name, /_total$/)
  }
  return families
}

/** The value of the one sample with these labels. */
export const valueOf = (
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Record<string, string> = {},
): number => {
  const found = (families.get(name)?.samples ?? []).filter((sample) =>
    Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
  )
  assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}`)
  return found[0]?.value ?? Number.NaN
}
