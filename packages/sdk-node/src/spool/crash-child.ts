import process from 'node:process'
import { Analytics } from '../index.ts'

/** Calls as fast as it can, and tells how many calls returned, until it is killed: `node crash-child.ts FOLDER HOST`. */
const [folder = '', host = ''] = process.argv.slice(2)
const analytics = new Analytics({ writeKey: 'wk', host, spool: { folder } })
for (let n = 0; n < 1_000_000; n++) {
  analytics.track({ userId: 'u', event: 'Counted', properties: { n } })
  if (n % 100 === 99) {
    process.stdout.write(`${n + 1}\n`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
