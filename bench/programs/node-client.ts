import { readFileSync } from 'node:fs'
import { Analytics } from '@millrace/node'
import { Analytics as SegmentAnalytics } from '@segment/analytics-node'

/**
 * Sends track events of about 450 bytes with a client for Node, and prints what that took as one line of JSON.
 *
 *   node node-client.ts millrace|segment|none URL EVENTS [millrace: gzip|spool=FOLDER]
 *
 * A thousand calls, then `flush()`, and so on: Segment's client has no bound of its own, and would hold everything.
 */
const [client = '', host = '', events = '0', option = ''] = process.argv.slice(2)
const ROUND = 1000

const eventOf = (n: number): { userId: string; event: string; properties: { [name: string]: unknown } } => ({
  userId: `user-${n % 5000}`,
  event: 'Order Completed',
  properties: { n, order_id: `order-${n}`, total: 28.9, currency: 'EUR', coupon: 'SPRING', note: 'ring twice' },
})

interface Sender {
  track: (event: ReturnType<typeof eventOf>) => unknown
  flush: () => Promise<void>
  close: () => Promise<void>
}

const clients: { [name: string]: () => Sender } = {
  millrace: () =>
    new Analytics({
      writeKey: 'wk',
      host,
      ...(option === 'gzip' && { gzip: true }),
      ...(option.startsWith('spool=') && { spool: { folder: option.slice('spool='.length) } }),
    }),
  segment: () => {
    const analytics = new SegmentAnalytics({ writeKey: 'wk', host, flushAt: 100 })
    return {
      track: (event) => analytics.track(event),
      flush: () => analytics.flush(),
      close: () => analytics.closeAndFlush(),
    }
  },
  // The loop alone.
  none: () => ({ track: () => undefined, flush: () => Promise.resolve(), close: () => Promise.resolve() }),
}

const anonymousBytes = (): number =>
  Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024

const analytics = clients[client]?.()
if (analytics === undefined) throw new Error(`there is no client ${client}`)

let peakBytes = anonymousBytes()
const startBytes = peakBytes
const cpuBefore = process.cpuUsage()
const started = performance.now()
for (let n = 0; n < Number(events);) {
  for (const end = Math.min(n + ROUND, Number(events)); n < end; n++) analytics.track(eventOf(n))
  peakBytes = Math.max(peakBytes, anonymousBytes())
  await analytics.flush()
  peakBytes = Math.max(peakBytes, anonymousBytes())
}
const closing = performance.now()
await analytics.close()
const ended = performance.now()
const { user, system } = process.cpuUsage(cpuBefore)
process.stdout.write(
  `${JSON.stringify({
    cpuMicros: (user + system) / Number(events),
    perSecond: (Number(events) * 1000) / (ended - started),
    closeMs: ended - closing,
    startBytes,
    peakBytes,
  })}\n`,
)
