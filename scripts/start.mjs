// `npm start`: installs, then runs the server with the example workspace and the sample receiver that it sends to.
// Further arguments go to `millrace start`: npm start -- --port 9000. With --config your own workspace is used.
// Plain JavaScript for Node 20.19, with nothing installed yet.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { startReceiver } from '../examples/quickstart/receiver.mjs'
import { buildBrowserScript, ensureInstalled, newerNode, root, toolEnvironment } from './installation.mjs'

const receiverPort = 9911

const args = process.argv.slice(2)
ensureInstalled()
buildBrowserScript()
const node = newerNode()
const isExample = !isGiven('config', 'MILLRACE_CONFIG')
const receiver = isExample ? await openReceiver() : undefined

const child = spawn(
  node,
  [
    join(root, 'packages/cli/bin/millrace.js'),
    'start',
    ...option('config', 'MILLRACE_CONFIG', join(root, 'examples/quickstart/millrace.config.json')),
    ...option('data', 'MILLRACE_DATA', join(root, '.millrace')),
    ...option('port', 'MILLRACE_PORT', '8420'),
    ...option('host', undefined, '127.0.0.1'),
    ...args,
  ],
  { stdio: 'inherit', env: toolEnvironment() },
)
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to the child as well, and a second one may mean "at once".
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  })
}
child.on('error', (error) => {
  process.stderr.write(`${node} cannot be started: ${error.message}\n`)
  process.exit(1)
})
// The receiver stays until the server is gone, so that what it finishes on the way out still arrives.
child.on('exit', (code, signal) => {
  receiver?.close()
  process.exit(code ?? (signal === 'SIGINT' ? 130 : 143))
})

async function openReceiver() {
  try {
    const opened = await startReceiver({ port: receiverPort, log: (line) => process.stdout.write(`${line}\n`) })
    process.stdout.write(`The sample receiver shows what it got at ${opened.url}/\n`)
    return opened
  } catch (error) {
    process.stderr.write(
      `The sample receiver cannot listen on 127.0.0.1:${receiverPort} (${error.code ?? error.message}). Stop what uses ` +
        'that port, or start with a workspace of your own: npm start -- --config FILE\n',
    )
    return process.exit(1)
  }
}

function isGiven(name, variable) {
  const inArguments = args.some((argument) => argument === `--${name}` || argument.startsWith(`--${name}=`))
  return inArguments || (variable !== undefined && (process.env[variable] ?? '') !== '')
}

function option(name, variable, value) {
  return isGiven(name, variable) ? [] : [`--${name}`, value]
}
