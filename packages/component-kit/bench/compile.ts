/* oxlint-disable unicorn/no-thenable -- `then` is an option of the mapping language */
/**
 * Rates of compiled mappings and triggers on one core, in operations per second.
 * Run: node packages/component-kit/bench/compile.ts
 */
import { compileMapping, compileTrigger } from '../src/index.ts'

const message = {
  type: 'track',
  event: 'Order Completed',
  userId: 'u-100',
  anonymousId: 'an-1',
  messageId: 'm-1',
  timestamp: '2026-01-02T03:04:05.000Z',
  context: {
    ip: '192.0.2.4',
    userAgent: 'UA/1',
    locale: 'en-US',
    page: { url: 'https://shop.example/pay', title: 'Pay' },
  },
  properties: { order_id: 'o-1', total: 42.5, currency: 'USD', coupon: null, products: [{ sku: 's1' }, { sku: 's2' }] },
}

/** 15 fields in the proportions of stored mappings: mostly paths, some templates and conditions. */
const mapping = compileMapping({
  id: { '@path': '$.messageId' },
  user: {
    '@if': { exists: { '@path': '$.userId' }, then: { '@path': '$.userId' }, else: { '@path': '$.anonymousId' } },
  },
  anonymous: { '@path': '$.anonymousId' },
  name: { '@path': '$.event' },
  time: { '@path': '$.timestamp' },
  ip: { '@path': '$.context.ip' },
  agent: { '@path': '$.context.userAgent' },
  locale: { '@path': '$.context.locale' },
  url: { '@path': '$.context.page.url' },
  title: { '@template': '{{event}} at {{context.page.title}}' },
  order: { '@path': '$.properties.order_id' },
  total: { '@path': '$.properties.total' },
  currency: { '@case': { operator: 'lower', value: { '@path': '$.properties.currency' } } },
  skus: { '@arrayPath': ['$.properties.products', { sku: { '@path': '$.sku' } }] },
  source: 'millrace',
})
const onEvent = compileTrigger('type = "track" and event = "Order Completed"')
const onProperties = compileTrigger(
  'type = "track" and (match(event, "Order*") or contains(event, "Cart")) and properties.total >= 10',
)

/** The best of five rounds, so that the other work of the machine counts least. */
function rate(run: () => unknown): number {
  const roundMs = 300
  let best = 0
  for (let round = 0; round < 5; round += 1) {
    const start = performance.now()
    let count = 0
    let elapsed = 0
    while (elapsed < roundMs) {
      for (let repeat = 0; repeat < 1000; repeat += 1) run()
      count += 1000
      elapsed = performance.now() - start
    }
    best = Math.max(best, (count / elapsed) * 1000)
  }
  return best
}

const rates: [string, () => unknown][] = [
  ['mapping of 15 fields', () => mapping.apply(message)],
  ['trigger on type and event, whole message', () => onEvent.matches(message)],
  ['trigger on type and event, envelope', () => onEvent.onEnvelope('track', 'Order Completed')],
  ['trigger with functions and a property', () => onProperties.matches(message)],
  ['compile that trigger', () => compileTrigger(onProperties.text)],
  ['compile that mapping', () => compileMapping(mapping.source)],
]
for (const [name, run] of rates) {
  process.stdout.write(`${name.padEnd(44)} ${Math.round(rate(run)).toLocaleString('en-US').padStart(12)} /s\n`)
}
