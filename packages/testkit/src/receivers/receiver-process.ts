import { openSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startCountingReceiver } from './counting-receiver.ts'
import { startWebhookReceiver } from './webhook-receiver.ts'

/**
 * A receiver as a process of its own, for tests that kill the sender and for benchmarks. Prints one line, `{"port":…}`,
 * when it listens.
 *
 *   node receiver-process.ts --file received.ndjson [--port 0] [--delay-ms 0] [--fail-first 0] [--signing-secret whsec_…]
 *   node receiver-process.ts --counting [--port 0] [--delay-ms 0]
 *
 * Each message is appended to the file before it is answered, so what a sender may call delivered is in the file, whatever
 * happens to the sender. It is not fsynced: this process and the machine are not what is killed.
 * With `--exit-with-stdin` it ends when its standard input does, so that a killed test leaves no process behind.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    file: { type: 'string' },
    counting: { type: 'boolean', default: false },
    'delay-ms': { type: 'string', default: '0' },
    'fail-first': { type: 'string', default: '0' },
    'signing-secret': { type: 'string' },
    'exit-with-stdin': { type: 'boolean', default: false },
  },
})

const port = Number(values.port)
const failFirst = Number(values['fail-first'])
const secret = values['signing-secret']

function fileWriter(file: string): (line: unknown) => void {
  const descriptor = openSync(file, 'a')
  return (line) => void writeSync(descriptor, `${JSON.stringify(line)}\n`)
}

const receiver = values.counting
  ? await startCountingReceiver({ port, countMessages: true, delayMs: Number(values['delay-ms']) })
  : await startWebhookReceiver({
      port,
      delayMs: Number(values['delay-ms']),
      record: 'counts',
      status: (request) => (request < failFirst ? 503 : 200),
      ...(secret === undefined ? {} : { signingSecret: secret }),
      ...(values.file === undefined ? {} : { onMessage: fileWriter(values.file) }),
    })

console.log(JSON.stringify({ port: receiver.port }))
if (values['exit-with-stdin']) process.stdin.resume().on('end', () => process.exit(0))
