/**
 * Loads track messages into a new DuckDB file and prints messages per second (each gives two rows), CPU time of this process
 * and of the child, and the memory of the child.
 *
 *     node packages/warehouses/bench/load.ts [messages=100000] [messagesPerLoad=2000] [eventNames=10]
 */
import { readFileSync } from 'node:fs'
import type { WarehouseMessage } from '@millrace/component-kit'
import type { Message } from '@millrace/protocol'
import { temporaryWarehouse } from '../src/engines/duckdb/temporary-warehouse.ts'

const [total = 100_000, perLoad = 2000, eventNames = 10] = process.argv.slice(2).map(Number)

const messageAt = (n: number): WarehouseMessage => {
  const receivedAt = new Date(Date.UTC(2024, 4, 6) + n * 10).toISOString()
  const message = {
    type: 'track',
    messageId: `ajs-next-${n.toString(16).padStart(12, '0')}-4f6b-8d9e`,
    anonymousId: `23adfd82-aa0f-45a7-a756-${(n % 5000).toString().padStart(12, '0')}`,
    userId: `user-${n % 5000}`,
    event: `Order Completed ${n % eventNames}`,
    properties: {
      order_id: `order-${n}`,
      total: 27.5 + (n % 100),
      currency: 'USD',
      quantity: n % 7,
      coupon: 'summer-2024',
      is_gift: n % 3 === 0,
      products: [
        { product_id: '507f1f77bcf86cd799439011', sku: '45790-32', price: 19, quantity: 1, category: 'Games' },
      ],
    },
    context: {
      ip: '203.0.113.7',
      locale: 'en-US',
      timezone: 'Europe/Berlin',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36',
      library: { name: 'analytics.js', version: 'next-1.70.0' },
      page: {
        path: '/checkout',
        referrer: '',
        search: '',
        title: 'Checkout',
        url: 'https://shop.example.com/checkout',
      },
      campaign: { source: 'newsletter', medium: 'email', name: 'spring' },
    },
    integrations: {},
    originalTimestamp: receivedAt,
    sentAt: receivedAt,
    timestamp: receivedAt,
    receivedAt,
  }
  return { schema: 'Web Shop', message: message as Message }
}

/** Resident memory and CPU time of a process, from Linux' /proc; zeros elsewhere. */
const usageOf = (pid: number | undefined) => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const megabytes = (field: string) => Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
    return { rss: megabytes('VmRSS'), peak: megabytes('VmHWM'), cpuMs: (Number(stat[11]) + Number(stat[12])) * 10 }
  } catch {
    return { rss: 0, peak: 0, cpuMs: 0 }
  }
}

await using warehouse = await temporaryWarehouse()
await using session = await warehouse.open()
await session.load([messageAt(0)], { block: 0, index: 0 })
const before = usageOf(session.pid).cpuMs
let elapsedMs = 0
let parentCpu = 0
for (let n = 1; n < total; n += perLoad) {
  const batch = Array.from({ length: Math.min(perLoad, total - n) }, (_, i) => messageAt(n + i))
  const started = performance.now()
  const cpu = process.cpuUsage()
  await session.load(batch, { block: n, index: 0 })
  const used = process.cpuUsage(cpu)
  elapsedMs += performance.now() - started
  parentCpu += used.user + used.system
}
const after = usageOf(session.pid)
const { rows } = await session.query('SELECT count(*), count(DISTINCT id) FROM web_shop.tracks', {
  maxRows: 1,
  timeoutMs: 60_000,
})
console.log({
  messages: rows[0],
  perLoad,
  eventNames,
  messagesPerSecond: Math.round((total / elapsedMs) * 1000),
  parentCpuUsPerMessage: Number((parentCpu / total).toFixed(1)),
  childCpuUsPerMessage: Number((((after.cpuMs - before) * 1000) / total).toFixed(1)),
  childRssMb: after.rss,
  childPeakMb: after.peak,
})
